"""States of paths: what tells them apart, and that they outlive a run."""

import msgspec
import pytest
from msgspec.structs import replace

from tdxreview.cfront.ir import Span
from tdxreview.dataflow.domains.power import Change, Event, Power, State
from tdxreview.dataflow.domains.progress import Progress
from tdxreview.dataflow.summary_types import Explored

SPAN = Span(3, 0, 3, 9)
HERE = Event(SPAN, "cpu_vmx_on()")
THERE = Event(Span(5, 0, 5, 9), "cpu_vmx_on() in the other branch")


@pytest.mark.parametrize("kind", [State, Progress])
def test_states_that_differ_in_their_trail_alone_are_one(kind):
    one, other = kind(trail=(HERE,)), kind(trail=(THERE,))

    assert one == other
    assert {one, other} == {one}
    assert one.changed(Change.ON, HERE).power is Power.ON
    assert one.changed(Change.ON, HERE) != one


@pytest.mark.parametrize(
    "change",
    [{"power": Power.ON}, {"held": 1}, {"own": True}, {"early": frozenset([SPAN])}, {"loops": {4}}],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("kind", [State, Progress])
def test_states_that_differ_in_anything_else_are_two(kind, change):
    assert replace(kind(), **change) != kind()


@pytest.mark.parametrize(
    "change",
    [
        {"done": frozenset(["module-init"])},
        {"cleared": frozenset(["module-init"])},
        {"failed": frozenset(["module-init"])},
        {"waiting": frozenset([("module-init", SPAN)])},
        {"doubtful": True},
        {"holds": (("rcx", "page"),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_was_reached_tells_states_apart(change):
    assert replace(Progress(), **change) != Progress()
    assert Progress() != State()


def test_a_walk_comes_back_from_json_as_it_was():
    """A costly walk is kept between runs by value."""
    state = State(power=Power.ON_ALL, held=2, own=True, early=frozenset([SPAN]), trail=(HERE,))
    again = msgspec.json.decode(msgspec.json.encode(state), type=State)

    assert (again, again.trail) == (state, (HERE,))
    explored = Explored((), (), lost=True, states=7)
    assert msgspec.json.decode(msgspec.json.encode(explored), type=Explored) == explored
