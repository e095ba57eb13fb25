"""What calls do to a path's state of VMX operation."""

import pytest

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.pins import FREE
from tdxreview.dataflow.domains.power import Power, State
from tdxreview.facts.vmx.transfer import VmxWalk

SPAN = ir.Span(4, 1, 4, 11)


def after(name, state):
    call = ir.Call(SPAN, ir.Name(SPAN, name), ())
    return VmxWalk.slept(None, call, state)


@pytest.mark.parametrize("power", [each for each in Power if each is not Power.ON])
def test_sleeping_changes_nothing_where_one_cpu_is_as_good_as_another(power):
    """With VMX on everywhere, or nowhere for sure, it does not matter where the task goes on."""
    state = State(power=power)

    assert after("msleep", state) is state


def test_a_task_that_sleeps_may_go_on_elsewhere():
    slept = after("msleep", State(power=Power.ON))

    assert (slept.hold.moved, [each.span for each in slept.trail]) == (True, [SPAN])
    assert after("udelay", State(power=Power.ON)).hold == FREE
