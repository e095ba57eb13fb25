"""The functions in view by name, and which of them have to do with VMX operation at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from tdxreview.facts.unit import Function, Macro, Unit

WORD = re.compile(r"[A-Za-z_]\w+")


@lru_cache(maxsize=8192)
def words(quiet: str) -> frozenset[str]:
    """Give the identifiers of masked text."""
    return frozenset(WORD.findall(quiet))


def words_of(function: Function) -> frozenset[str]:
    """Give the identifiers in a function's body."""
    return words(function.text.quiet[function.text.at :])


class Sight:
    """The functions and macros of a state of the files."""

    def __init__(self, units: Iterable[Unit]) -> None:
        units = tuple(units)
        self.functions = tuple(f for unit in units for f in unit.functions if f.name)
        self._by_name: dict[str, list[Function]] = defaultdict(list)
        for function in self.functions:
            self._by_name[function.name].append(function)
        self._macros = {macro.name: macro for unit in units for macro in unit.macros}

    def named(self, name: str, path: str) -> Function | None:
        """Give the function that a name means in a file: its own one, else a global one.

        The one that is known whole if there are several; None if none is in view.
        """
        found = self._by_name.get(name, ())
        here = [each for each in found if each.path == path]
        fitting = here or [each for each in found if "static" not in each.words]
        return next((each for each in fitting if not each.partial), next(iter(fitting), None))

    def has_macro(self, name: str) -> bool:
        """Tell whether a macro of that name is in view."""
        return name in self._macros

    def users(self, function: Function) -> tuple[Function, ...]:
        """Give the functions in the same file whose bodies name a function."""
        return tuple(
            each
            for each in self.functions
            if each.path == function.path
            and each.name != function.name
            and function.name in words_of(each)
        )

    def touching(self, names: Iterable[str]) -> frozenset[str]:
        """Give the names of functions and macros that reach one of some names by calls."""
        users: dict[str, set[str]] = defaultdict(set)
        for name, used in self._uses():
            for word in used:
                users[word].add(name)
        reached: set[str] = set()
        todo = list(names)
        while todo:
            for user in users.get(todo.pop(), set()) - reached:
                reached.add(user)
                todo.append(user)
        return frozenset(reached)

    def _uses(self) -> Iterable[tuple[str, frozenset[str]]]:
        for function in self.functions:
            yield function.name, words_of(function)
        for macro in self._macros.values():
            yield macro.name, words_of_macro(macro)


def words_of_macro(macro: Macro) -> frozenset[str]:
    """Give the identifiers in a macro's body."""
    return words(macro.text[macro.at :])
