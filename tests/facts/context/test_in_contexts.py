"""What needs to know where functions run: the hotplug lock, locks of interrupts, shared writes."""

import pytest

from tdxreview.facts.collect import gather
from tdxreview.facts.context.schema import Assertion, Blocking, HotplugCall, LockUse, SharedWrite
from tdxreview.source.text import image_of_text


@pytest.fixture
def facts(abi):
    """Give (line, values of some fields) of the subjects of a kind in one file."""

    def facts(kind, code, *names):
        image = image_of_text("arch/x86/virt/vmx/tdx/made_up.c", code)
        found = [each for each in gather([image], abi).subjects if isinstance(each, kind)]
        return [(each.place.line, *(getattr(each, name) for name in names)) for each in found]

    return facts


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("\tstop_machine(f, NULL, NULL);", [(3, "unknown")]),
        ("\tcpus_read_lock();\n\tstop_machine(f, NULL, NULL);", [(3, "unknown"), (4, "recursive")]),
        (
            "\tcpus_read_lock();\n\tcpus_read_unlock();\n\tstop_machine(f, NULL, NULL);",
            [(3, "unknown"), (5, "unknown")],
        ),
        ("\tguard(cpus_read_lock)();\n\tstop_machine(f, NULL, NULL);", [(4, "recursive")]),
        ("\tguard(cpus_read_lock)();\n\tstop_machine_cpuslocked(f, NULL, NULL);", []),
    ],
)
def test_the_hotplug_lock_is_not_taken_under_itself(facts, body, expected):
    """It is a reader's lock that lets no second reader in behind a writer."""
    code = f"void tdx_f(void)\n{{\n{body}\n}}\n"

    assert facts(HotplugCall, code, "recursion") == expected


IRQ = """static DEFINE_RAW_SPINLOCK(k);
static irqreturn_t tdx_irq(int irq, void *dev)
{
	raw_spin_lock(&k);
	raw_spin_unlock(&k);
	return IRQ_HANDLED;
}
int tdx_f(int irq)
{
	request_irq(irq, tdx_irq, 0, "tdx", NULL);
"""


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ("raw_spin_lock(&k);", "unguarded"),
        ("raw_spin_lock_bh(&k);", "unguarded"),
        ("raw_spin_lock_irq(&k);", "unknown"),
        ("guard(raw_spinlock)(&k);", "unguarded"),
        ("scoped_guard(raw_spinlock, &k) { }", "unguarded"),
        ("scoped_guard(raw_spinlock_irqsave, &k) { }", "unknown"),
        ("guard(raw_spinlock_irqsave)(&k);", "unknown"),
        ("local_irq_disable();\n\traw_spin_lock(&k);", "unknown"),
    ],
)
def test_a_lock_of_an_interrupt_is_taken_with_interrupts_off(facts, taken, expected):
    """Who requests an interrupt may sleep, and has interrupts on."""
    found = facts(LockUse, f"{IRQ}\t{taken}\n}}\n", "handler", "from_interrupt")
    line = 12 if "\n" in taken else 11
    handler = "tdx_irq" if expected == "unguarded" else ""

    assert (line, handler, expected) in found
    assert len([each for each in found if each[2] == "unguarded"]) == (expected == "unguarded")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("*p = seamcall(1, &args);", [(4, "*p", "always")]),
        ("if (seamcall(1, &args)) *p = x;", [(4, "*p", "sometimes")]),
        ("*p = -EIO;", []),
        ("count += 1;", [(4, "count", "always")]),
        ("raw_spin_lock(&k); *p = seamcall(1, &args); raw_spin_unlock(&k);", []),
        ("int own; own = seamcall(1, &args);", []),
        ("slots[smp_processor_id()] = seamcall(1, &args);", []),
        ("seamcall_ret(1, info);", [(4, "info", "always")]),
        ("seamcall(1, info);", []),
    ],
)
def test_what_every_cpu_writes_is_told(facts, body, expected):
    """Unless it is a constant, a CPU's own, or written under a lock."""
    code = (
        "static void tdx_fn(void *info)\n{\n\tu64 *p = info;\n"
        f"\t{body}\n}}\nvoid tdx_all(void *x)\n{{\n\ton_each_cpu(tdx_fn, x, 1);\n}}\n"
    )

    assert facts(SharedWrite, code, "what", "races") == expected


@pytest.mark.parametrize(
    "call", ["smp_call_function(tdx_fn, x, 1)", "smp_call_function_many(mask, tdx_fn, x, true)"]
)
def test_other_cpus_share_as_all_do(facts, call):
    callback = "static void tdx_fn(void *p)\n{\n\t*(int *)p = f();\n}\n"
    code = f"{callback}void tdx_g(void *x, const struct cpumask *mask)\n{{\n\t{call};\n}}\n"

    assert facts(SharedWrite, code, "races") == [(3, "always")]


@pytest.mark.parametrize(
    "call",
    ["smp_call_function_single(0, tdx_fn, x, 1)", "on_each_cpu_mask(cpumask_of(0), tdx_fn, x, 1)"],
)
def test_one_cpu_shares_with_nobody(facts, call):
    """A mask of one CPU is no crowd."""
    callback = "static void tdx_fn(void *p)\n{\n\t*(int *)p = f();\n}\n"
    code = f"{callback}void tdx_g(void *x)\n{{\n\t{call};\n}}\n"

    assert facts(SharedWrite, code, "what") == []


STARTED = """static void tdx_fn(void *info)
{{
	{body}
}}
void tdx_all(int cpu)
{{
	{call};
}}
"""
EVERY = "on_each_cpu(tdx_fn, NULL, 1)"


@pytest.mark.parametrize(
    ("call", "body", "expected"),
    [
        (EVERY, "kfree(kzalloc(64, GFP_KERNEL));", [(3, "kzalloc", "interrupts off")]),
        (EVERY, "guard(mutex)(&m);", [(3, "guard", "interrupts off")]),
        (EVERY, "scoped_guard(mutex, &m) { f(); }", [(3, "guard", "interrupts off")]),
        (EVERY, "wbinvd_on_all_cpus();", [(3, "wbinvd_on_all_cpus", "interrupts off")]),
        ("call_rcu(head, tdx_fn)", "msleep(1);", [(3, "msleep", "bottom halves off")]),
        (EVERY, "kfree(kzalloc(64, GFP_ATOMIC));", []),
        (EVERY, "guard(raw_spinlock)(&k);", []),
        (EVERY, "local_irq_enable(); msleep(1);", []),
        ("smp_call_on_cpu(cpu, tdx_fn, NULL, true)", "msleep(1);", []),
        ("schedule_work_on(cpu, tdx_fn)", "msleep(1);", []),
    ],
)
def test_a_callback_is_not_made_to_sleep_where_the_kernel_forbids_it(facts, call, body, expected):
    """Calls on other CPUs come with interrupts off, RCU callbacks as a softirq."""
    code = STARTED.format(call=call, body=body)

    assert facts(Blocking, code, "callee", "lock") == expected


def test_a_helper_that_sleeps_is_told_once_and_at_its_own_line(facts):
    helper = "static void tdx_wait(void)\n{\n\tmsleep(1);\n}\n"
    code = helper + STARTED.format(call=EVERY, body="tdx_wait();")

    assert facts(Blocking, code, "callee", "function") == [(3, "msleep", "tdx_wait")]


def test_a_parameter_may_keep_a_helper_from_sleeping(facts):
    """What the callback gives for it is not looked at."""
    helper = "static void tdx_wait(bool may)\n{\n\tif (may)\n\t\tmsleep(1);\n}\n"
    code = helper + STARTED.format(call=EVERY, body="tdx_wait(false);")

    assert facts(Blocking, code, "callee") == []


def test_who_sleeps_in_an_interrupt_does_not_show_that_interrupts_are_on(facts):
    """The sleep is the bug, and not the assertion behind it."""
    code = STARTED.format(call=EVERY, body="guard(mutex)(&m); lockdep_assert_irqs_disabled();")

    assert facts(Assertion, code, "kept") == [(3, "unknown")]
