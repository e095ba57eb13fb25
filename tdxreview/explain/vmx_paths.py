"""The ways to a SEAMCALL: from a beginning call by call down to it, and what each says of VMX."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from msgspec import Struct

from tdxreview.facts.vmx.check import Judge
from tdxreview.facts.vmx.propagation import Inflow
from tdxreview.facts.vmx.roots import Start
from tdxreview.facts.vmx.schema import Vmx
from tdxreview.facts.vmx.verdicts import GRAVITY
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function
from tdxreview.source.place import Place, Step

MOST_WAYS = 16
"""More ways to one place are counted, not told."""


class Way(Struct, frozen=True):
    """A way to a place in a function, and what holds of VMX there when it is reached so.

    `entry` is the kind of beginning: an entry point's name, or why it is not known who calls
    ("exported, no caller in view"). `steps` begin there, name every call and what turns VMX on
    or off, and end at the place, or below it if it is wrong there.
    """

    entry: str
    steps: tuple[Step, ...]
    vmx: Vmx


def ways_to(judge: Judge, function: Function, place: Place) -> tuple[Way, ...]:
    """Return the ways to a call in a function, one for each beginning and state: worst first.

    They are the shortest, `MOST_WAYS` of them at most (see `count_ways`). The judge's verdict
    on the call is the worst of theirs, for both come from the same paths.
    """
    found = sorted(_ways(judge, function, place), key=_order)
    return tuple(found[:MOST_WAYS])


def count_ways(judge: Judge, function: Function, place: Place) -> int:
    """Count the ways to a call, also those that are not told."""
    return sum(1 for _ in _ways(judge, function, place))


def _order(way: Way) -> tuple[int, int, str, tuple[tuple[str, int], ...]]:
    places = tuple((step.path, step.line) for step in way.steps)
    return GRAVITY.index(way.vmx), len(way.steps), way.entry, places


def _ways(judge: Judge, function: Function, place: Place) -> Iterator[Way]:
    for start in judge.inflow.starts(function):
        vmx, within = judge.at(function, start, place)
        for entry, steps in _begun(judge.inflow, function, start):
            yield Way(entry, (*steps, *within), vmx)


def _begun(
    inflow: Inflow, function: Function, start: Start
) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """Give the kind of each beginning that leads to a start, with the steps of a shortest way."""
    down: dict[tuple[Key, Start], tuple[Step, ...]] = {(key_of(function), start): ()}
    todo = deque([(function, start)])
    while todo:
        one, state = todo.popleft()
        below = down[key_of(one), state]
        for link in inflow.links(one, state):
            steps = (*link.steps, *below)
            if link.caller is None:
                yield link.entry, steps
            elif (key_of(link.caller), link.above) not in down:
                down[key_of(link.caller), link.above] = steps
                todo.append((link.caller, link.above))
