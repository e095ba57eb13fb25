"""What is known of variables, members and conditions on a path: what all states share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from tdxreview.dataflow.domains.signs import ANYTHING, Value
from tdxreview.dataflow.recurring import words_in


@dataclass(frozen=True, slots=True)
class Environment:
    """A path's knowledge by access path or condition, in canonical text; all else is unknown.

    `loops` are the loops over CPUs that were entered: these run at least once.
    """

    known: tuple[tuple[str, Value], ...] = ()
    loops: frozenset[int] = frozenset()

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

    def keeping(self, names: frozenset[str]) -> Self:
        """Return the state with only what is known of some identifiers."""
        if not self.known:
            return self
        kept = tuple(pair for pair in self.known if not words_in(pair[0]).isdisjoint(names))
        return self if len(kept) == len(self.known) else replace(self, known=kept)

    @property
    def impossible(self) -> bool:
        """Tell whether conditions contradict each other, so that no path comes here."""
        return 0 in [value.signs for _, value in self.known]


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
