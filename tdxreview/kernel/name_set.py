"""Sets of names of which some are patterns."""

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct


class NameSet(Struct, frozen=True):
    """Names of the kernel's: those that stand here, and those of a pattern.

    In a pattern `*` stands for any letters, `{a,b,}` for each of some pieces.
    """

    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()

    def __contains__(self, name: object) -> bool:
        """Tell whether a name is one of these."""
        if name in self.names:
            return True
        return bool(self.patterns) and isinstance(name, str) and _matches(self.patterns, name)

    def some_in(self, words: frozenset[str]) -> bool:
        """Tell whether one of some words is one of these; patterns are not looked at."""
        return not self.names.isdisjoint(words)

    def among(self, words: Iterable[str]) -> frozenset[str]:
        """Return which of some words are one of these."""
        if not self.patterns:
            return self.names.intersection(words)
        known, matches = self.names, _any_of(self.patterns).fullmatch
        return frozenset([word for word in words if word in known or matches(word)])

    def within(self, text: str) -> bool:
        """Tell whether one of these stands somewhere in a text as a word."""
        return _anywhere(self.names, self.patterns).search(text) is not None


@lru_cache(maxsize=65536)
def _matches(patterns: tuple[str, ...], name: str) -> bool:
    return _any_of(patterns).fullmatch(name) is not None


@lru_cache(maxsize=256)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_expression, patterns)))


@lru_cache(maxsize=256)
def _anywhere(names: frozenset[str], patterns: tuple[str, ...]) -> re.Pattern[str]:
    own = (*sorted(names), *map(_expression, patterns))
    return re.compile(rf"\b(?:{'|'.join(own) or '(?!)'})\b")


_PIECES = {"*": r"\w*", "{": "(?:", ",": "|", "}": ")"}


def _expression(pattern: str) -> str:
    return "".join(_PIECES.get(each, each) for each in pattern)


def spelled_out(pattern: str) -> tuple[str, ...]:
    """Return a pattern without `*` as the names that it stands for."""
    first, opened, rest = pattern.partition("{")
    if not opened:
        return (first,)
    pieces, _, rest = rest.partition("}")
    return tuple(first + each + end for each in pieces.split(",") for end in spelled_out(rest))
