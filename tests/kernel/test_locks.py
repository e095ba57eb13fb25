"""What calls take and give back, by their names."""

import pytest

from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names


@pytest.mark.parametrize(
    ("name", "takes", "gives", "asserts"),
    [
        ("spin_lock", {Held.SPINLOCK}, set(), set()),
        ("spin_unlock_irqrestore", set(), {Held.SPINLOCK, Held.IRQS_OFF}, set()),
        ("raw_spin_lock_irqsave", {Held.RAW_SPINLOCK, Held.IRQS_OFF}, set(), set()),
        ("write_lock", {Held.SPINLOCK}, set(), set()),
        ("migrate_disable", {Held.CPU_PINNED}, set(), set()),
        ("put_cpu", set(), {Held.PREEMPT_OFF}, set()),
        ("cpus_read_lock", {Held.CPUS_LOCKED}, set(), set()),
        ("spin_trylock", set(), set(), set()),
        ("lockdep_assert_irqs_disabled", set(), set(), {Held.IRQS_OFF}),
        ("lockless_read", set(), set(), set()),
    ],
)
def test_a_call_takes_for_sure_gives_back_or_asserts(name, takes, gives, asserts):
    assert kernel_names().locks.kinds_of(name) == (takes, gives, asserts)


def test_a_guard_holds_what_its_class_says():
    locks = kernel_names().locks

    assert locks.kinds_of_guard("spinlock_irq") == {Held.SPINLOCK, Held.IRQS_OFF}
    assert locks.kinds_of_guard("file") == frozenset()


@pytest.mark.parametrize(
    ("macro", "kind", "holds"),
    [
        ("guard", "anything", True),
        ("CLASS", "vm_lock", True),
        ("CLASS", "fd", False),
        ("mutex_lock", "vm_lock", False),
    ],
)
def test_a_guard_of_the_codes_own_holds_some_lock(macro, kind, holds):
    assert kernel_names().locks.holds_a_lock(macro, kind) is holds


def test_what_keeps_a_task_on_its_cpu():
    pinning = {kind for kind in Held if kernel_names().locks.pins({kind})}

    assert pinning == {
        Held.RAW_SPINLOCK,
        Held.SPINLOCK,
        Held.IRQS_OFF,
        Held.PREEMPT_OFF,
        Held.BH_OFF,
        Held.CPU_PINNED,
    }
