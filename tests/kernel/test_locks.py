"""What calls take and give back, by their names."""

import pytest

from tdxreview.kernel.context import Held
from tdxreview.kernel.locks import kinds_of, kinds_of_guard


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
    assert kinds_of(name) == (takes, gives, asserts)


def test_a_guard_holds_what_its_class_says():
    assert kinds_of_guard("spinlock_irq") == {Held.SPINLOCK, Held.IRQS_OFF}
    assert kinds_of_guard("file") == frozenset()
