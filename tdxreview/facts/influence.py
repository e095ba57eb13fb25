"""Which files a change can reach: what need not be looked at again keeps its facts.

What a function gives is known from what it calls, and what it runs with from who calls it. So a
changed definition reaches up to all that mention it, one after the other, and down from there to
all that is mentioned.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tdxreview.facts.remember import Identity
from tdxreview.facts.unit import Unit, unit
from tdxreview.source.model import Image

C_FILES = (".c", ".h")
_WORD = re.compile(r"[A-Za-z_]\w*")


class Defined(NamedTuple):
    """A function or macro: where it stands, and its text."""

    path: str
    name: str
    text: str
    is_macro: bool


def reached(
    before: Sequence[Image], after: Sequence[Image], touched: frozenset[str]
) -> frozenset[str]:
    """Give the paths whose facts may differ between two states that differ in `touched`.

    Files in other languages than C are always among them.
    """
    units = [unit(image) for image in after if image.path.endswith(C_FILES)]
    new = [each for own in units for each in _defined_in(Identity([own]))]
    old = (unit(image) for image in before if image.path.endswith(C_FILES))
    changed = {
        each for own in old if own.path in touched for each in _defined_in(Identity([own]))
    } ^ {each for each in new if each.path in touched}
    up = _up({each.name for each in changed}, units)
    down = _down([*changed, *(each for each in new if each.name in up)], new)
    others = {image.path for image in after if not image.path.endswith(C_FILES)}
    return frozenset(touched | others | {each.path for each in new if each.name in up | down})


@lru_cache(maxsize=1024)
def _defined_in(units: Identity[Unit]) -> tuple[Defined, ...]:
    return tuple(
        Defined(each.path, name, text, is_macro)
        for each in units.objects
        for name, text, is_macro in (
            *((function.name, function.text.text, False) for function in each.functions),
            *((macro.name, macro.text, True) for macro in each.macros),
        )
    )


@lru_cache(maxsize=1024)
def _users_in(units: Identity[Unit]) -> dict[str, tuple[str, ...]]:
    """Give, for each word, the names of the definitions of a file that mention it."""
    users: dict[str, list[str]] = {}
    for each in _defined_in(units):
        for word in _words(each.text):
            users.setdefault(word, []).append(each.name)
    return {word: tuple(names) for word, names in users.items()}


def _up(names: Iterable[str], units: Iterable[Unit]) -> set[str]:
    """Add the names of all whose text mentions one of the names, until none is new."""
    indexes = [_users_in(Identity([own])) for own in units]
    found = set(names)
    todo = list(found)
    while todo:
        name = todo.pop()
        fresh = {user for index in indexes for user in index.get(name, ())} - found
        found |= fresh
        todo += fresh
    return found


def _down(start: Iterable[Defined], defined: Sequence[Defined]) -> set[str]:
    """Give the names of all functions that are mentioned from the start on."""
    by_name: dict[str, list[Defined]] = {}
    for each in defined:
        by_name.setdefault(each.name, []).append(each)
    found: set[str] = set()
    todo = list(start)
    while todo:
        mentioned = _words(todo.pop().text)
        for name in (mentioned & by_name.keys()) - found:
            found.add(name)
            todo += by_name[name]
    return {name for name in found if not all(each.is_macro for each in by_name[name])}


@lru_cache(maxsize=16384)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
