"""Summaries of functions, found from the callees up when they are asked for: each once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
P = TypeVar("P")
LONGEST_CHAIN = 40
"""Functions that call each other in a longer chain are not followed: the stack has an end."""


class Summaries(Generic[K, P]):
    """What was found out of each key; what asks for itself, or from too far above, is `unknown`.

    What is found out while a callee was `unknown` for that reason is remembered all the same.
    """

    def __init__(self, unknown: P) -> None:
        self.unknown = unknown
        self._found: dict[K, P] = {}
        self._busy: set[K] = set()

    def of(self, key: K, find: Callable[[], P]) -> P:
        """Return the summary of a key, which `find` finds out if nobody has asked for it yet."""
        if key not in self._found:
            if key in self._busy or len(self._busy) >= LONGEST_CHAIN:
                return self.unknown
            self._busy.add(key)
            try:
                self._found[key] = find()
            finally:
                self._busy.discard(key)
        return self._found[key]
