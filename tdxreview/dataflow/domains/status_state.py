"""What is known of statuses at one point of one path."""

from __future__ import annotations

from msgspec.structs import replace

from tdxreview.dataflow.domains.signs import Value
from tdxreview.dataflow.domains.status_value import Vector
from tdxreview.dataflow.environment import Environment
from tdxreview.dataflow.values import vector_of

NONE: frozenset[int] = frozenset()


class Standing(Environment, frozen=True, cache_hash=True):
    """A path's knowledge, and what became of each origin of a status on it.

    `unread` are origins whose status nobody has looked at yet, `handled` those that were handed
    on or warned about.
    """

    unread: frozenset[int] = NONE
    handled: frozenset[int] = NONE

    def looked_at(self, origin: int, *, handled: bool) -> Standing:
        """Return the state after somebody looked at a status, perhaps to hand it on."""
        state = self
        if origin in self.unread:
            state = replace(state, unread=self.unread - {origin})
        if handled and origin not in self.handled:
            state = replace(state, handled=self.handled | {origin})
        return state

    def unseen(self, unread: frozenset[int]) -> Standing:
        """Return the state in which nobody has looked at some statuses."""
        return replace(self, unread=unread)

    def told(self, known: tuple[tuple[str, Value], ...]) -> Standing:
        """Return the state in which only so much is known of values."""
        return replace(self, known=known)

    def made(self, origin: int, every: int) -> Standing:
        """Return the state after a call gave a new status: the last one of it is gone."""
        return replace(
            self.limited(origin, every),
            known=tuple(pair for pair in self.known if not _of(vector_of(pair[1]), origin)),
            doubted=self.doubted - {origin},
            unread=self.unread | {origin},
        )

    def held_beside(self, path: str, origin: int) -> bool:
        """Tell whether another variable than one still holds a status, or what was made of it."""
        return any(text != path and _of(vector_of(value), origin) for text, value in self.known)

    def forgotten(self, origin: int) -> Standing:
        """Return the state in which no variable holds a status any more."""
        possible = tuple(pair for pair in self.possible if pair[0] != origin)
        return replace(self, possible=possible, unread=self.unread - {origin})


def _of(vector: Vector | None, origin: int) -> bool:
    return vector is not None and vector.origin == origin


def joined(states: list[Standing]) -> Standing:
    """Return what several states have in common; of statuses, all that are possible in one."""
    first, rest = states[0], [dict(state.known) for state in states[1:]]
    possible: dict[int, int] = {}
    for state in states:
        for origin, left in state.possible:
            possible[origin] = possible.get(origin, 0) | left
    return Standing(
        known=tuple(pair for pair in first.known if all(o.get(pair[0]) == pair[1] for o in rest)),
        loops=frozenset.union(*(state.loops for state in states)),
        possible=tuple(sorted(possible.items())),
        doubted=frozenset.union(*(state.doubted for state in states)),
        unread=frozenset.intersection(*(state.unread for state in states)),
        handled=frozenset.union(*(state.handled for state in states)),
    )
