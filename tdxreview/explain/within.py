"""What one function says of the protocol's states at one of its calls, whoever calls it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.dataflow.locking import Token
from tdxreview.explain.model import Value
from tdxreview.facts.context.locks import named, surroundings
from tdxreview.facts.life.collect import lives_of
from tdxreview.facts.life.summaries import reached
from tdxreview.facts.life.transfer import Arrival
from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names
from tdxreview.program.program import Program
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

_LOCKS = frozenset({Held.SPINLOCK, Held.RAW_SPINLOCK})


class Told(Struct, frozen=True):
    """What is told of a state, and the step that tells it; empty scope: the state's first."""

    value: Value
    step: Step
    scope: str = ""


Tidings = dict[str, Told]
"""By the state's name; nothing is told of the others."""


def told(program: Program, function: Function, call: ir.Call) -> Tidings:
    """Give what a function does to states on every way to a call in it."""
    return {**_kept(program, function, call), **_done(program, function, call)}


def _kept(program: Program, function: Function, call: ir.Call) -> Tidings:
    """Give what is held: locks, interrupts, preemption."""
    ways = surroundings(program).holdings.of(function).at(call)
    found: Tidings = {}
    for way in sorted(ways, key=len):
        for token in sorted(way, key=str):
            for name in _states(token):
                if token.owed or all(_gives(name, other) for other in ways):
                    found.setdefault(name, _of_token(function, token))
    return found


def _states(token: Token) -> tuple[str, ...]:
    """Give the states that something held gives; or given back to whoever took it, ends."""
    names = states_of(token)
    return names if not token.owed or token.kind not in _LOCKS else ()


def states_of(token: Token) -> tuple[str, ...]:
    """Give the states that hold while something is held."""
    return kernel_names().locks.states.get(token.kind, ())


def _gives(name: str, way: frozenset[Token]) -> bool:
    return any(name in states_of(each) for each in way if not each.owed)


def _of_token(function: Function, token: Token) -> Told:
    if token.owed:
        return _held(Value.OFF, function, token, f"gives back {named(token)}")
    if token.asserted:
        return _held(Value.CALLER, function, token, f"asserts {named(token)}")
    return _held(Value.HELD, function, token, f"has {named(token)} from here on")


def _held(value: Value, function: Function, token: Token, text: str) -> Told:
    return Told(value, function.step(token.at, f"{function.name}() {text}"))


def _done(program: Program, function: Function, call: ir.Call) -> Tidings:
    """Give how far the module, the TD and the pages got."""
    lives = lives_of(program)
    ways = lives.paths(function)
    arrivals = [each for each in ways.arrivals if each.call.span == call.span]
    return dict(_reached(function, arrivals)) if arrivals and not ways.lost else {}


def _reached(function: Function, arrivals: list[Arrival]) -> Iterator[tuple[str, Told]]:
    names = {name for each in arrivals for name in each.state.done | each.state.cleared}
    for name in sorted(names):
        state, _, scope = name.partition("@")
        wanted = f"{state}@{scope or 'all-cpus'}"
        if all(reached(wanted, each.state.done) for each in arrivals):
            yield state, Told(Value.HELD, _event(function, arrivals[0], state), scope)
        elif undone := [each for each in arrivals if state in each.state.cleared]:
            yield state, Told(Value.OFF, _event(function, undone[0], "shut down"))


def _event(function: Function, arrival: Arrival, words: str) -> Step:
    """Give the last event on the way to a call that speaks of something, else the call."""
    events = [each for each in arrival.state.trail if words in each.text]
    if not events:
        return function.step(arrival.call.span, "on the way here")
    return function.step(events[-1].span, events[-1].text)
