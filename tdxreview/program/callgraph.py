"""The functions in view by name, and which of them have to do with VMX operation at all."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from tdxreview.cache import per_fragment
from tdxreview.program.unit import Function, Macro, Text, Unit
from tdxreview.source.model import Fragment, Image

WORD = re.compile(r"[A-Za-z_]\w+")
INCLUDE = re.compile(r'^#[ \t]*include[ \t]*"([\w./-]+\.c)"', re.MULTILINE)


@lru_cache(maxsize=16384)
def words(text: Text) -> frozenset[str]:
    """Give the identifiers in the body of a function's text."""
    return frozenset(WORD.findall(text.quiet, text.at))


def words_of(function: Function) -> frozenset[str]:
    """Give the identifiers in a function's body."""
    return words(function.text)


def included_in(images: Iterable[Image]) -> dict[str, str]:
    """Give the C files that others include, each with the file that does."""
    return {
        posixpath.normpath(posixpath.join(posixpath.dirname(image.path), name)): image.path
        for image in images
        for fragment in image.fragments
        for name in _includes(fragment)
    }


@per_fragment
def _includes(fragment: Fragment) -> tuple[str, ...]:
    return tuple(INCLUDE.findall(fragment.text)) if '.c"' in fragment.text else ()


class Sight:
    """The functions and macros of a state of the files.

    `included` names the file that includes a C file: what is static in one, both know.
    """

    def __init__(self, units: Iterable[Unit], included: Mapping[str, str] | None = None) -> None:
        units = tuple(units)
        self._included = included or {}
        self.functions = tuple(f for unit in units for f in unit.functions if f.name)
        self._macros = {macro.name: macro for unit in units for macro in unit.macros}
        self._by_name: dict[str, list[Function]] = defaultdict(list)
        self._meant: dict[tuple[str, str], Function | None] = {}
        self._users: dict[str, list[Function]] = defaultdict(list)
        self._macro_users: dict[str, list[str]] = defaultdict(list)
        for macro in self._macros.values():
            for word in words_of_macro(macro):
                self._macro_users[word].append(macro.name)
        for function in self.functions:
            self._by_name[function.name].append(function)
            for word in words_of(function):
                self._users[word].append(function)

    def named(self, name: str, path: str) -> Function | None:
        """Give the function that a name means in a file: its own one, a global one, or a header's.

        The one that is known whole if there are several; None if none is in view.
        """
        if name not in self._by_name:
            return None
        key = (name, path)
        if key not in self._meant:
            self._meant[key] = self._meaning(name, path)
        return self._meant[key]

    def _meaning(self, name: str, path: str) -> Function | None:
        found = self._by_name[name]
        fitting = (
            [each for each in found if each.path == path]
            or [each for each in found if self._together(each.path) == self._together(path)]
            or [each for each in found if "static" not in each.words]
            or [each for each in found if each.path.endswith(".h")]
        )
        return next((each for each in fitting if not each.partial), next(iter(fitting), None))

    def _together(self, path: str) -> str:
        return self._included.get(path, path)

    def all_named(self, name: str) -> tuple[Function, ...]:
        """Give all functions of a name."""
        return tuple(self._by_name.get(name, ()))

    def has_function(self, name: str) -> bool:
        """Tell whether a function of that name is in view."""
        return name in self._by_name

    def has_macro(self, name: str) -> bool:
        """Tell whether a macro of that name is in view."""
        return name in self._macros

    def users(self, name: str) -> tuple[Function, ...]:
        """Give the functions whose bodies have a name in them, in the order of the files."""
        return tuple(self._users.get(name, ()))

    def targets(self, name: str, path: str) -> tuple[Function, ...]:
        """Give the functions that a call of a name leads to, through macros as well."""
        found: dict[str, Function] = {}
        seen: set[str] = set()
        todo = [name]
        while todo:
            one = todo.pop()
            function = self.named(one, path)
            if function is not None:
                found[one] = function
            elif one in self._macros and one not in seen:
                seen.add(one)
                todo += sorted(words_of_macro(self._macros[one]))
        return tuple(found[one] for one in sorted(found))

    def callers(self, function: Function) -> Iterator[Function]:
        """Give the functions that mention a function by its name, through macros as well."""
        seen: set[str] = set()
        todo = [function.name]
        while todo:
            name = todo.pop()
            yield from self.users(name)
            fresh = [macro for macro in self._macro_users.get(name, ()) if macro not in seen]
            seen.update(fresh)
            todo += fresh

    def runs(self, name: str, at: int, path: str) -> bool:
        """Tell whether a function or macro in view calls the function that it is given."""
        function, macro = self.named(name, path), self._macros.get(name)
        if function is not None and at < len(function.parameters):
            return _calls(function.text.quiet, function.parameters[at].name)
        if macro is not None and macro.parameters is not None and at < len(macro.parameters):
            return _calls(macro.text[macro.at :], macro.parameters[at])
        return False

    def touching(self, names: Iterable[str]) -> frozenset[str]:
        """Give the names of functions and macros that reach one of some names by calls."""
        reached: set[str] = set()
        todo = list(names)
        while todo:
            used = todo.pop()
            found = {function.name for function in self._users.get(used, ())}
            for user in found.union(self._macro_users.get(used, ())) - reached:
                reached.add(user)
                todo.append(user)
        return frozenset(reached)


@lru_cache(maxsize=1024)
def _calls(text: str, parameter: str) -> bool:
    at = text.find(f"{parameter}(") if parameter else -1
    while at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_"):
        at = text.find(f"{parameter}(", at + 1)
    return at >= 0


@lru_cache(maxsize=8192)
def words_of_macro(macro: Macro) -> frozenset[str]:
    """Give the identifiers in a macro's body."""
    return frozenset(WORD.findall(macro.text, macro.at))
