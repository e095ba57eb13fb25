"""What keeps a task on its CPU, and CPUs from coming."""

import pytest

from tdxreview.dataflow.domains.pins import Grip, grip_of, grip_of_guard


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("spin_lock", Grip.PIN),
        ("read_unlock", Grip.UNPIN),
        ("local_bh_disable", Grip.PIN),
        ("mutex_lock", None),
        ("rcu_read_lock", None),
        ("migrate_enable", Grip.UNPIN),
        ("cpus_write_lock", Grip.LOCK),
        ("put_online_cpus", Grip.UNLOCK),
        ("lockdep_assert_preemption_disabled", Grip.PINNED),
        ("lockdep_assert_cpus_held", None),
    ],
)
def test_every_lock_that_spins_pins(name, expected):
    assert grip_of(name) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("spinlock", Grip.PIN), ("mutex", None), ("cpus_read_lock", Grip.LOCK)],
)
def test_a_guard_pins_as_its_lock_does(name, expected):
    assert grip_of_guard(name) is expected
