"""How calls of a function end, seen from outside: what its paths have in common."""

from __future__ import annotations

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.pins import grip_of, grip_of_guard
from tdxreview.dataflow.domains.power import Change, Outcome, Power, Reach
from tdxreview.dataflow.domains.signs import Signs, Value
from tdxreview.dataflow.summary_types import Arrival
from tdxreview.program.callgraph import words_of
from tdxreview.program.unit import Function
from tdxreview.regex import regex

COUNTS = regex(r"\+\+|\+= 1\b|\b(?:atomic|refcount|this_cpu|kref)\w*_(?:inc|get)\w*\(")
"""How a function counts its users."""


def counted(function: Function, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Give the outcomes that tell of VMX, none if it is left as it was on all paths.

    Where users are counted, who is not the first finds VMX on: then success on the path that does
    nothing is doubtful, not nothing.
    """
    changes = {each.change for each in outcomes}
    if not changes - {Change.SAME}:
        return ()
    if not changes & {Change.ON, Change.DOUBT} or not COUNTS.search(function.text.quiet):
        return outcomes
    return tuple(
        Outcome(each.value, Change.DOUBT)
        if each.change is Change.SAME and each.value.signs & Signs.ZERO
        else each
        for each in outcomes
    )


def holds(function: Function) -> bool:
    """Tell whether a function does anything to what keeps it on its CPU, or CPUs from coming."""
    return any(grip_of(call.name) for call in function.calls) or any(
        grip_of_guard(word) for word in words_of(function) if "guard(" in function.text.quiet
    )


def looks(function: Function) -> bool:
    """Tell whether a function does nothing but tell of this CPU's state."""
    statements = function.body.block.body
    return function.type == "bool" and len(statements) == 1 and isinstance(statements[0], ir.Return)


def needed(arrivals: tuple[Arrival, ...]) -> Reach | None:
    """Give where the caller of a function has to have VMX on, None if nowhere."""
    return _widest(
        {
            Reach.THIS if arrival.reach is Reach.THIS else Reach.EVERY
            for arrival in arrivals
            if arrival.state.power is Power.CALLER
            and arrival.reach is not Reach.LATER
            and not arrival.bare
        }
    )


def _widest(reaches: set[Reach] | set[Reach | None]) -> Reach | None:
    if Reach.EVERY in reaches:
        return Reach.EVERY
    return Reach.THIS if reaches - {None} else None


def tied(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Mark the results as telling what was done."""
    return tuple(
        dict.fromkeys(
            Outcome(Value(each.value.signs or Signs.ANY, tied=True), each.change)
            for each in outcomes
        )
    )
