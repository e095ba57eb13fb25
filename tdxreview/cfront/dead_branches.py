"""Branches of `#if` that no compiler sees, whatever it is configured with: `#if 0` and the like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tdxreview.regex import regex

K = TypeVar("K")
DIRECTIVE = regex(r"[ \t]*(?:#|%:)[ \t]*(if|ifdef|ifndef|elif|else|endif)\b(.*)", re.DOTALL)
COMMENT = regex(r"/\*.*?\*/|//[^\n]*|\\\n", re.DOTALL)
NUMBER = regex(r"(?P<not>!?)(?P<digits>0[xX][0-9a-fA-F]+|\d+)[uUlL]*")
LONGEST = 200
"""A longer condition decides nothing here."""


def truth(condition: str) -> bool | None:
    """Give the truth of a condition that hangs on no name, None for all else."""
    text = "".join(COMMENT.sub(" ", condition).split())
    if len(text) > LONGEST:
        return None
    while text.startswith("(") and text.endswith(")") and "(" not in text[1:]:
        text = text[1:-1]
    number = NUMBER.fullmatch(text)
    if number:
        nonzero = bool(number["digits"].lower().removeprefix("0x").strip("0"))
        return nonzero != bool(number["not"])
    if "(" in text.replace("defined(", "") or ("&&" in text and "||" in text):
        return None
    for sign, decides in (("&&", False), ("||", True)):
        if sign in text and decides in {truth(part) for part in text.split(sign)}:
            return decides
    return None


def decided(directive: str) -> bool:
    """Tell whether a directive is an `#if` that comes out the same everywhere."""
    found = DIRECTIVE.match(directive)
    return found is not None and found[1] == "if" and truth(found[2]) is not None


def dead_branches(directives: Iterable[tuple[K, str]]) -> Iterator[tuple[K, K]]:
    """Give the branches that are never compiled, each by the directives around it.

    `directives` are those of a text in order, each with what names its place; others than
    conditions do not count. A branch without its end is none, for a hunk may have cut it.
    """
    opened: list[list[tuple[K, bool | None]]] = []
    for key, text in directives:
        found = DIRECTIVE.match(text)
        if found is None:
            continue
        word = found[1]
        if word.startswith("if"):
            opened.append([(key, truth(found[2]) if word == "if" else None)])
        elif opened and word == "endif":
            yield from _dead([*opened.pop(), (key, None)])
        elif opened:
            opened[-1].append((key, truth(found[2]) if word == "elif" else True))


def _dead(group: list[tuple[K, bool | None]]) -> Iterator[tuple[K, K]]:
    taken = False
    for at, (key, on) in enumerate(group[:-1]):
        if taken or on is False:
            yield key, group[at + 1][0]
        taken = taken or on is True
