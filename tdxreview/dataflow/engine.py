"""Every way through a function, followed state by state: what may hold where."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from tdxreview.dataflow.cfg import Flow

State = TypeVar("State", bound=Hashable)
MOST = 64
"""States that one point may have; a function with more is not decided."""


def explored(
    graph: Flow, first: State, step: Callable[[int, State], Iterable[tuple[int, State]]]
) -> dict[int, set[State]] | None:
    """Give the states that may hold before each point, None if they are too many.

    `step` gives, for a point and a state before it, the points that come next, each with the
    state there.
    """
    reached: dict[int, set[State]] = {graph.entry: {first}}
    todo = [(graph.entry, first)]
    while todo:
        for target, after in step(*todo.pop()):
            known = reached.setdefault(target, set())
            if after in known:
                continue
            if len(known) >= MOST:
                return None
            known.add(after)
            todo.append((target, after))
    return reached
