"""Sets of names of which some are patterns."""

import re
from functools import lru_cache

from msgspec import Struct


class NameSet(Struct, frozen=True):
    """Names of the kernel's: those that stand here, and those of a pattern (`*`: any letters)."""

    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        """Tell whether a name is one of these."""
        return name in self.names or (bool(self.patterns) and _matches(self.patterns, name))

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
    own = (*map(re.escape, sorted(names)), *map(_expression, patterns))
    return re.compile(rf"\b(?:{'|'.join(own) or '(?!)'})\b")


def _expression(pattern: str) -> str:
    return r"\w*".join(map(re.escape, pattern.split("*")))
