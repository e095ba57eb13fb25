"""What holds where a function begins comes from how the kernel starts it, and from its callers."""

import pytest

from tdxreview.cache import Identity
from tdxreview.data.bundled import bundled_folder
from tdxreview.dataflow.contexts import Contexts
from tdxreview.dataflow.domains.lock_summaries import Holdings
from tdxreview.dataflow.sleeping import Blockers
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.program.callgraph import callgraph_of
from tdxreview.program.effort import CONTEXTS_OF_A_FUNCTION, DEEPEST_CONTEXT, bounded
from tdxreview.program.entry_points import Entries, Points
from tdxreview.program.unit import units_of
from tdxreview.source.text import image_of_text

WORK = "static DECLARE_WORK(job, work_fn);\n"


@pytest.fixture(scope="module")
def points():
    return Points(load_abi(bundled_folder()).entry_points)


def contexts_at(points, text, name="target"):
    """Give (holds, lacks) at the first call in `target` of `here()`, one for each way."""
    images = [image_of_text("arch/x86/virt/vmx/tdx/a.c", text)]
    graph = callgraph_of(Identity(units_of(images)))
    found = Contexts(Holdings(graph), Blockers(graph.symbols), Entries(images, points), points)
    function = graph.symbols.function(name, images[0].path)
    call = next(each for each in function.calls if each.name == "here")
    ways = {(frozenset(c.holds), frozenset(c.lacks)) for _, c, _ in found.at(function, call.span)}
    return [(sorted(holds), sorted(lacks)) for holds, lacks in sorted(ways, key=str)]


TARGET = "static void target(void)\n{\n\there();\n}\n"


def test_a_work_item_has_interrupts_and_preemption_on(points):
    """It runs in a kernel thread (Documentation/core-api/workqueue.rst)."""
    text = f"{TARGET}static void work_fn(struct work_struct *w)\n{{\n\ttarget();\n}}\n{WORK}"

    assert contexts_at(points, text) == [([], ["bh-off", "cpus-locked", "irqs-off", "preempt-off"])]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (
            "CPUHP_AP_ONLINE_DYN",
            (["cpu-pinned", "cpus-locked"], ["bh-off", "irqs-off", "preempt-off"]),
        ),
        ("CPUHP_AP_X_STARTING", (["cpu-pinned", "cpus-locked", "irqs-off", "preempt-off"], [])),
        ("CPUHP_X_DEAD", (["cpus-locked"], ["bh-off", "irqs-off", "preempt-off"])),
        ("state_of(x)", ([], [])),
    ],
)
def test_a_hotplug_callback_runs_where_its_state_says(points, state, expected):
    """kernel/cpu.c: with interrupts off up to CPUHP_AP_ONLINE, in a thread of the CPU behind it."""
    text = (
        "static int target(unsigned int cpu)\n{\n\there();\n\treturn 0;\n}\n"
        "static int set_up(void)\n{\n"
        f'\treturn cpuhp_setup_state({state}, "x", target, NULL);\n}}\n'
    )

    assert contexts_at(points, text) == [expected]


@pytest.mark.parametrize(
    ("before", "after", "lacks"),
    [
        ("msleep(1);", "", ["bh-off", "irqs-off", "preempt-off"]),
        ("", "msleep(1);", ["bh-off", "irqs-off", "preempt-off"]),
        ("on_each_cpu(f, NULL, 1);", "", ["irqs-off"]),
        ("if (x)\n\t\treturn;", "", []),
        ("preempt_disable();\n\ton_each_cpu(f, NULL, 1);\n\tpreempt_enable();", "", ["irqs-off"]),
        (
            "mutex_lock(&m);\n\tmutex_unlock(&m);",
            "",
            ["bh-off", "irqs-off", "lock m", "preempt-off"],
        ),
    ],
)
def test_who_sleeps_shows_how_it_was_called(points, before, after, lacks):
    """Before the call or behind it, on the same path."""
    text = f"{TARGET}void outer(int x)\n{{\n\t{before}\n\ttarget();\n\t{after}\n}}\n"

    assert contexts_at(points, text) == [([], lacks)]


def test_what_is_taken_on_the_way_holds(points):
    """And is no more among what lacks."""
    text = (
        f"{TARGET}static void work_fn(struct work_struct *w)\n{{\n\tlocal_irq_disable();\n"
        f"\ttarget();\n\tlocal_irq_enable();\n}}\n{WORK}"
    )

    assert contexts_at(points, text) == [
        (["cpu-pinned", "irqs-off", "preempt-off"], ["bh-off", "cpus-locked"])
    ]


def test_a_call_that_a_parameter_decides_on_shows_nothing(points):
    """The caller may give what does not lead there."""
    text = (
        "static void target(bool atomic)\n{\n\tif (atomic)\n\t\there();\n}\n"
        f"static void work_fn(struct work_struct *w)\n{{\n\ttarget(false);\n}}\n{WORK}"
    )

    assert contexts_at(points, text) == [([], [])]


def test_an_unknown_guard_may_hold_anything(points):
    """Unknown wins."""
    text = (
        f"{TARGET}static void work_fn(struct work_struct *w)\n{{\n\tguard(own_lock)(&l);\n"
        f"\ttarget();\n}}\n{WORK}"
    )

    assert contexts_at(points, text) == [(["unknown"], [])]


def given_up(points, text):
    """Give the functions of which not all contexts are looked at."""
    with bounded(len(text)) as shared:
        contexts_at(points, text)
        images = [image_of_text("arch/x86/virt/vmx/tdx/a.c", text)]
        functions = [each for own in units_of(images) for each in own.functions]
        return [each.name for each in functions if shared.unknown(each.text)]


def under_locks(number):
    """Give a function that so many others call, each under a lock of its own."""
    caller = "static void top{0}(void)\n{{\n\tmutex_lock(&lock{0});\n\ttarget();\n}}\n"
    return TARGET + "".join(caller.format(at) for at in range(number))


def below(number):
    """Give a function at the end of a chain of so many calls."""
    names = ["target", *(f"level{at}" for at in range(number))]
    calls = zip(names[1:], names, strict=False)
    text = "".join(f"static void {top}(void)\n{{\n\t{low}();\n}}\n" for top, low in calls)
    return TARGET + text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (under_locks(CONTEXTS_OF_A_FUNCTION), []),
        (under_locks(CONTEXTS_OF_A_FUNCTION + 1), ["target"]),
        (below(DEEPEST_CONTEXT), []),
        (below(DEEPEST_CONTEXT + 1), [f"level{DEEPEST_CONTEXT}"]),
    ],
)
def test_contexts_that_are_not_looked_at_are_said(points, text, expected):
    assert given_up(points, text) == expected
