"""Every state that matters at a SEAMCALL, with the ways that give it and those that do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tdxreview.cfront import ir
from tdxreview.explain.along import CONTEXT, NOWHERE, Along, Point, entry_step
from tdxreview.explain.call_chains import MOST_ROUTES, Route
from tdxreview.explain.model import GRAVITY, Path, StateAt, Value, Wish
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

VMX = "vmx-on"


def states_at(
    along: Along, routes: Sequence[Route], at: tuple[Function, ir.Call], wishes: Sequence[Wish]
) -> Iterator[StateAt]:
    """Give the states that are asked for at a call, in the protocol's order.

    What keeps the code on its CPU, and CPUs as they are, is given wherever it is told of. VMX
    operation is not among them: the judge of the verdict has the word on it.
    """
    ways = [(route, along.points(route, *at)) for route in routes]
    told = {name for name in CONTEXT for _, points in ways if name in points[-1].states}
    for name, scope in _wanted(along.abi, wishes, told):
        paths = [_path(name, route, points) for route, points in ways]
        paths.sort(key=lambda path: (GRAVITY.index(Value(path.value)), len(path.steps)))
        yield StateAt(
            name=name,
            scope=scope,
            value=paths[0].value if paths else Value.UNKNOWN,
            wanted_by=wanted_by(name, wishes),
            paths=tuple(paths),
            cut=len(routes) >= MOST_ROUTES,
        )


def wanted_by(name: str, wishes: Sequence[Wish]) -> tuple[str, ...]:
    """Give who asks for a state."""
    return tuple(
        wish.by for wish in wishes if any(each.partition("@")[0] == name for each in wish.states)
    )


def _wanted(abi: Abi, wishes: Sequence[Wish], told: set[str]) -> Iterator[tuple[str, str]]:
    """Give the names of states with the widest scope that is asked for."""
    asked = {each.partition("@") for wish in wishes for each in wish.states}
    for state in abi.states:
        scopes = {scope for name, _, scope in asked if name == state.name}
        if state.name != VMX and (scopes or state.name in told):
            widest = [scope.value for scope in state.scopes if scope.value in scopes]
            yield state.name, widest[-1] if widest else state.scopes[0].value


def start_of(route: Route) -> str:
    """Give one phrase for where a way begins."""
    return route.entered.entry.name if route.entered else NOWHERE


def _path(name: str, route: Route, points: Sequence[Point]) -> Path:
    """Give a way with what its steps do to a state."""
    steps = [entry_step(route.entered)] if route.entered else []
    telling = []
    known = None
    for point in points:
        now = point.states.get(name)
        if now is not None and now != known:
            telling.append(_placed(steps, now.step, point))
        known = now
        steps.append(_step(point))
    value = known.value if known else Value.UNKNOWN
    unique = tuple(dict.fromkeys(index for index in telling if index < len(steps)))
    return Path(start=start_of(route), value=value, steps=tuple(steps), telling=unique)


def _placed(steps: list[Step], step: Step, point: Point) -> int:
    """Put a telling step among the others, unless it is there; give where it stands."""
    for index, each in enumerate(steps):
        if (each.path, each.line) == (step.path, step.line):
            steps[index] = Step(step.path, step.line, step.text, each.function)
            return index
    steps.append(Step(step.path, step.line, step.text, step.function or point.function.name))
    return len(steps) - 1


def _step(point: Point) -> Step:
    step = point.function.step(point.span, point.text)
    return Step(step.path, step.line, step.text, point.function.name)
