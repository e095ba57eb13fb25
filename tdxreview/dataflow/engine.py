"""Every way through a function, followed state by state: what may hold where."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from tdxreview.dataflow.cfg import Flow
from tdxreview.program.effort import AT_A_POINT, OF_ALL_POINTS, PARTS_OF_A_STATE

State = TypeVar("State", bound=Hashable)


def explored(
    graph: Flow, first: State, step: Callable[[int, State], Iterable[tuple[int, State]]]
) -> dict[int, set[State]] | None:
    """Give the states that may hold before each point, None if they are too many.

    `step` gives, for a point and a state before it, the points that come next, each with the
    state there.
    """
    reached: dict[int, set[State]] = {graph.entry: {first}}
    todo = [(graph.entry, first)]
    left = OF_ALL_POINTS * (len(graph.points) + AT_A_POINT)
    while todo:
        for target, after in step(*todo.pop()):
            known = reached.setdefault(target, set())
            if after in known:
                continue
            left -= 1 + _size(after) // PARTS_OF_A_STATE
            if len(known) >= AT_A_POINT or left < 0:
                return None
            known.add(after)
            todo.append((target, after))
    return reached


def _size(state: Hashable) -> int:
    """Give how many things a state holds."""
    if not isinstance(state, tuple):
        return 0
    return sum(len(part) for part in state if isinstance(part, frozenset))
