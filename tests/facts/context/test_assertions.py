"""An assertion is broken only by a way that is in view and surely lacks what it asserts."""

import pytest

from tdxreview.facts.collect import gather
from tdxreview.facts.context.schema import Assertion, Kept
from tdxreview.source.text import image_of_text

HELPER = """static int init_cpu(void)
{
	struct tdx_module_args args = {};

	lockdep_assert_irqs_disabled();
	return seamcall_prerr(TDH_SYS_LP_INIT, &args);
}
"""


@pytest.fixture
def asserted(abi):
    """Give the only assertion in a file."""

    def asserted(code):
        image = image_of_text("arch/x86/virt/vmx/tdx/made_up.c", code)
        (found,) = [each for each in gather([image], abi).subjects if isinstance(each, Assertion)]
        return found

    return asserted


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return init_cpu();", Kept.UNKNOWN),
        ("msleep(1); return init_cpu();", Kept.BROKEN),
        ("msleep(1); guard(irqsave)(); return init_cpu();", Kept.UNKNOWN),
        ("guard(mutex)(&m); return init_cpu();", Kept.BROKEN),
        ("scoped_guard(irqsave) return init_cpu();", Kept.UNKNOWN),
        ("if (x) msleep(1); else return init_cpu();", Kept.UNKNOWN),
        ("local_irq_enable(); return init_cpu();", Kept.BROKEN),
    ],
)
def test_an_assertion_is_broken_only_by_a_caller_that_surely_does(asserted, body, expected):
    """The caller's own callers may have interrupts off, unless it shows that they have not."""
    found = asserted(f"{HELPER}int f(void)\n{{\n{body}\n}}\n")

    assert found.kept is expected
    assert found.caller == ("f" if expected is Kept.BROKEN else "init_cpu")


def test_the_way_is_told_from_where_the_kernel_starts(asserted):
    """A reader can check it step by step."""
    found = asserted(
        f"{HELPER}static void work_fn(struct work_struct *w)\n{{\n\tinit_cpu();\n}}\n"
        "static DECLARE_WORK(job, work_fn);\n"
    )

    ((_, steps),) = found.evidence
    assert (found.kept, found.caller) == (Kept.BROKEN, "work_fn")
    assert [(step.line, step.text) for step in steps] == [
        (12, "work: DECLARE_WORK(work_fn) (context: task)"),
        (10, "work_fn() calls init_cpu()"),
        (5, "lockdep_assert_irqs_disabled() in init_cpu()"),
    ]


@pytest.mark.parametrize(
    ("asked", "asserts"),
    [
        ("WARN_ON_ONCE(!irqs_disabled())", "interrupts off"),
        ("WARN_ON(preemptible())", "preemption off"),
        ("BUG_ON(!irqs_disabled())", "interrupts off"),
    ],
)
def test_a_warning_asserts_the_opposite_of_what_it_warns_of(asserted, asked, asserts):
    """What is warned of should not be."""
    assert asserted(f"void f(void)\n{{\n\t{asked};\n}}\n").asserts == asserts


@pytest.mark.parametrize("asked", ["WARN_ON(irqs_disabled())", "WARN_ON(!preemptible())"])
def test_a_warning_that_something_is_held_asserts_nothing(abi, asked):
    """It says that the function may not be called with it."""
    image = image_of_text("arch/x86/virt/vmx/tdx/a.c", f"void f(void)\n{{\n\t{asked};\n}}\n")

    assert not any(isinstance(each, Assertion) for each in gather([image], abi).subjects)
