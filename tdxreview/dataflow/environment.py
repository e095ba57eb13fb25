"""What is known of variables, members and conditions on a path: what all states share."""

from __future__ import annotations

from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront.ctypes import CValue
from tdxreview.dataflow import values
from tdxreview.dataflow.domains.signs import ANYTHING, Value
from tdxreview.dataflow.domains.status_value import SUCCESS, Constant
from tdxreview.dataflow.recurring import words_in

EVERY = -1
"""The set of all statuses, whichever there are."""


class Environment(Struct, frozen=True, cache_hash=True):
    """A path's knowledge by access path or condition, in canonical text; all else is unknown.

    `loops` are the loops over CPUs that were entered: these run at least once. `possible` are
    the statuses that each origin of one may still be, `doubted` the origins that a condition
    narrowed which nobody can decide (which errno it is).
    """

    known: tuple[tuple[str, Value], ...] = ()
    loops: frozenset[int] = frozenset()
    possible: tuple[tuple[int, int], ...] = ()
    doubted: frozenset[int] = frozenset()

    def value(self, text: str) -> Value:
        """Return what is known of a variable or a condition by its text."""
        for name, value in self.known:
            if name == text:
                return value
        return ANYTHING

    def knowing(self, text: str, value: Value) -> Self:
        """Return the state in which a variable or condition has a value."""
        rest = tuple(pair for pair in self.known if pair[0] != text)
        if value == ANYTHING or not text:
            return replace(self, known=rest)
        return replace(self, known=tuple(sorted((*rest, (text, value)))))

    def forgetting(self, name: str) -> Self:
        """Return the state in which nothing is known of what depends on an identifier."""
        if not any(mentions(text, name) for text, _ in self.known):
            return self
        rest = tuple(
            (text, Value(tied=True)) if text == name and value.tied else (text, value)
            for text, value in self.known
            if not mentions(text, name) or (text == name and value.tied)
        )
        return replace(self, known=rest)

    def without_parts(self, path: str) -> Self:
        """Return the state in which nothing is known of the members of a place."""
        parts = (path + ".", path + "->")
        if not any(text.startswith(parts) for text, _ in self.known):
            return self
        rest = tuple(pair for pair in self.known if not pair[0].startswith(parts))
        return replace(self, known=rest)

    def keeping(self, names: frozenset[str]) -> Self:
        """Return the state with only what is known of some identifiers."""
        if not self.known:
            return self
        kept = tuple(pair for pair in self.known if not words_in(pair[0]).isdisjoint(names))
        return self if len(kept) == len(self.known) else replace(self, known=kept)

    @property
    def impossible(self) -> bool:
        """Tell whether conditions contradict each other, so that no path comes here."""
        if self.possible and any(not left for _, left in self.possible):
            return True
        return 0 in [value.signs for _, value in self.known]

    # Statuses

    def statuses(self, origin: int) -> int:
        """Return the statuses that an origin may be."""
        for each, left in self.possible:
            if each == origin:
                return left
        return EVERY

    def limited(self, origin: int, left: int) -> Self:
        """Return the state in which an origin may be some statuses and no others."""
        rest = tuple(pair for pair in self.possible if pair[0] != origin)
        return replace(self, possible=tuple(sorted((*rest, (origin, left)))))

    def truth(self, value: Value) -> bool | None:
        """Return the truth of a value for the statuses that are left, None if it is open."""
        vector = values.vector_of(value)
        if vector is None:
            return value.decided
        yes, no = vector.truth()
        left = self.statuses(vector.origin)
        if not left & no:
            return True
        return None if left & yes else False

    def where(self, value: Value, *, taken: bool) -> Self:
        """Return the state in which a value that depends on a status is true, or is false."""
        vector = values.vector_of(value)
        if vector is None:
            return self
        yes, no = vector.truth()
        before = self.statuses(vector.origin)
        left = before & (yes if taken else no)
        state = self if left == before else self.limited(vector.origin, left)
        if yes & no & before and vector.origin not in self.doubted:
            state = replace(state, doubted=state.doubted | {vector.origin})
        return state.succeeded(vector.origin) if left == SUCCESS else state

    def succeeded(self, origin: int) -> Self:
        """Return the state in which variables hold plain numbers: their status is success."""
        known = tuple((text, _after_success(value, origin)) for text, value in self.known)
        if known == self.known:
            return self
        return replace(self, known=tuple(pair for pair in known if pair[1] != ANYTHING))


def _after_success(value: Value, origin: int) -> Value:
    vector = values.vector_of(value)
    if vector is None or vector.origin != origin:
        return value
    number = vector.numbers[0]
    return ANYTHING if number is None else values.known(Constant(CValue(number, vector.type)))


def mentions(text: str, name: str) -> bool:
    """Tell whether an identifier is part of a canonical text."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        before = at == 0 or not (text[at - 1].isalnum() or text[at - 1] == "_")
        if before and (end == len(text) or not (text[end].isalnum() or text[end] == "_")):
            return True
        at = text.find(name, at + 1)
    return False
