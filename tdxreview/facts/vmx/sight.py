"""The functions in view by name, and which of them have to do with VMX operation at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from tdxreview.facts.unit import Function, Macro, Text, Unit

WORD = re.compile(r"[A-Za-z_]\w+")


@lru_cache(maxsize=16384)
def words(text: Text) -> frozenset[str]:
    """Give the identifiers in the body of a function's text."""
    return frozenset(WORD.findall(text.quiet, text.at))


def words_of(function: Function) -> frozenset[str]:
    """Give the identifiers in a function's body."""
    return words(function.text)


class Sight:
    """The functions and macros of a state of the files."""

    def __init__(self, units: Iterable[Unit]) -> None:
        units = tuple(units)
        self.functions = tuple(f for unit in units for f in unit.functions if f.name)
        self._macros = {macro.name: macro for unit in units for macro in unit.macros}
        self._by_name: dict[str, list[Function]] = defaultdict(list)
        self._users: dict[str, list[Function]] = defaultdict(list)
        for function in self.functions:
            self._by_name[function.name].append(function)
            for word in words_of(function):
                self._users[word].append(function)

    def named(self, name: str, path: str) -> Function | None:
        """Give the function that a name means in a file: its own one, else a global one.

        The one that is known whole if there are several; None if none is in view.
        """
        found = self._by_name.get(name, ())
        here = [each for each in found if each.path == path]
        fitting = here or [each for each in found if "static" not in each.words]
        return next((each for each in fitting if not each.partial), next(iter(fitting), None))

    def has_function(self, name: str) -> bool:
        """Tell whether a function of that name is in view."""
        return name in self._by_name

    def has_macro(self, name: str) -> bool:
        """Tell whether a macro of that name is in view."""
        return name in self._macros

    def users(self, name: str) -> tuple[Function, ...]:
        """Give the functions whose bodies have a name in them, in the order of the files."""
        return tuple(self._users.get(name, ()))

    def touching(self, names: Iterable[str]) -> frozenset[str]:
        """Give the names of functions and macros that reach one of some names by calls."""
        macros: dict[str, list[str]] = defaultdict(list)
        for macro in self._macros.values():
            for word in words_of_macro(macro):
                macros[word].append(macro.name)
        reached: set[str] = set()
        todo = list(names)
        while todo:
            used = todo.pop()
            found = {function.name for function in self._users.get(used, ())}
            for user in found.union(macros.get(used, ())) - reached:
                reached.add(user)
                todo.append(user)
        return frozenset(reached)


@lru_cache(maxsize=8192)
def words_of_macro(macro: Macro) -> frozenset[str]:
    """Give the identifiers in a macro's body."""
    return frozenset(WORD.findall(macro.text, macro.at))
