"""The identifiers of a text."""

from functools import lru_cache

from tdxreview.regex import regex

WORD = regex(r"[A-Za-z_]\w+")


@lru_cache(maxsize=8192)
def words(text: str) -> frozenset[str]:
    """Give the identifiers of a text, comments included."""
    return frozenset(WORD.findall(text))
