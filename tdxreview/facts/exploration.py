"""Every way through a function, followed state by state: what may hold where."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from tdxreview.facts.flow import Edge, Flow, Point

State = TypeVar("State", bound=Hashable)
MOST = 64
"""States that one point may have; a function with more is not decided."""

Step = Callable[[Point, State], Iterable[tuple[Edge, State]]]


def explored(graph: Flow, first: State, step: Step[State]) -> dict[int, set[State]] | None:
    """Give the states that may hold before each point, None if they are too many.

    `step` gives, for a point and the state before it, the edges that may be taken, each with
    the state after it.
    """
    reached: dict[int, set[State]] = {graph.entry: {first}}
    todo = [(graph.entry, first)]
    while todo:
        index, state = todo.pop()
        for edge, after in step(graph.points[index], state):
            known = reached.setdefault(edge.target, set())
            if after in known:
                continue
            if len(known) >= MOST:
                return None
            known.add(after)
            todo.append((edge.target, after))
    return reached
