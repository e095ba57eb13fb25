"""The enumerators of a text, in the order in which they count up."""

from __future__ import annotations

import re
from functools import lru_cache

from tdxreview.regex import regex

ENUM = regex(r"\benum\b[\w\s]{0,80}\{([^{}]{0,8000})\}")
NOISE = regex(r"/\*.*?\*/|//[^\n]*|^[ \t]*#[^\n]*", re.DOTALL | re.MULTILINE)
"""Comments and directives."""
ENUMERATOR = regex(r"\s*(\w+)\s*(?:=\s*0\s*)?")


@lru_cache(maxsize=1024)
def enumerations(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the enumerators of each enum that counts up from 0, or by itself alone."""
    if "enum" not in text:
        return ()
    found = []
    for each in ENUM.finditer(text):
        parts = [part for part in NOISE.sub("", each[1]).split(",") if part.strip()]
        names = [ENUMERATOR.fullmatch(part) for part in parts]
        if parts and all(names):
            found.append(tuple(name[1] for name in names if name))
    return tuple(found)
