"""Which definition a name means in a file: the one name resolution, for functions and macros.

A `static` function is known in its own file and where that file is `#include`d; a macro in its
own file, or everywhere if a header defines it. A body in a C file wins over a stub in a header
(`#ifdef` beside a prototype), a strong function over a `__weak` one, a whole definition over
one of which only hunks are in view, and of two bodies under `#ifdef` the longer one. What is
static in another file is out of view here, and so is a function that a header declares and of
which only the header's stub is in view.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias, TypeVar

from tdxreview.cache import Identity
from tdxreview.kernel.names import kernel_names
from tdxreview.program.unit import Definition, Function, Macro, Unit

Key: TypeAlias = tuple[str, str, int]
"""A definition by path, name and line."""
HEADER = ".h"
Found = TypeVar("Found", Function, Macro)


def key_of(definition: Definition) -> Key:
    """Return what tells a definition from all others."""
    return definition.path, definition.name, definition.line


class Symbols:
    """The functions, macros and prototypes of one state of the code.

    `prototypes` are the types of declared functions by name; `functions` stand in the order of
    the files. `enumerations` are the enumerators of each enum, as they count up; `held` are
    functions in tables and static calls with their files, by the spelling of a call.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units: Sequence[Unit] = tuple(units)
        self.functions = tuple(f for unit in self.units for f in unit.functions if f.name)
        self.macros = tuple(macro for unit in self.units for macro in unit.macros)
        self.prototypes = {each.name: each.type for unit in self.units for each in unit.prototypes}
        self.enumerations = tuple(each for unit in self.units for each in unit.enumerations)
        self.held: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for unit in self.units:
            for spelled, function in unit.held:
                self.held[spelled].append((function, unit.path))
        self._functions = _by_name(self.functions)
        self._macros = _by_name(self.macros)
        self._elsewhere = frozenset(_declared(self.units))
        self._compiled_with = _included(self.units)
        self._found: dict[tuple[str, str], tuple[Definition, ...]] = {}

    def definitions(self, name: str, path: str) -> tuple[Definition, ...]:
        """Return all that a name may mean in a file, the likeliest first: bodies under #ifdef."""
        key = (name, path)
        if key not in self._found:
            known = name in self._functions or name in self._macros
            self._found[key] = tuple(self._resolved(name, path)) if known else ()
        return self._found[key]

    def definition(self, name: str, path: str) -> Definition | None:
        """Return what a name means in a file, None if nothing in view may be meant."""
        return next(iter(self.definitions(name, path)), None)

    def function(self, name: str, path: str) -> Function | None:
        """Return the function that a name means in a file, None for a macro or if out of view."""
        found = self.definition(name, path)
        return found if isinstance(found, Function) else None

    def macro(self, name: str, path: str) -> Macro | None:
        """Return the macro that a name means in a file, None for a function."""
        found = self.definition(name, path)
        return found if isinstance(found, Macro) else None

    def constant(self, name: str, path: str) -> Macro | None:
        """Return the object-like macro of a name that a file knows: its own, or a header's."""
        plain = [each for each in self._macros.get(name, ()) if each.parameters is None]
        return next(self._known_macros(plain, path), None)

    @property
    def names(self) -> frozenset[str]:
        """Return the names of all functions and macros."""
        return frozenset((*self._functions, *self._macros))

    @property
    def macro_names(self) -> Iterable[str]:
        """Return the names of all macros, in the order of the files."""
        return self._macros.keys()

    def functions_named(self, name: str) -> tuple[Function, ...]:
        """Return all functions of a name, whoever may call them."""
        return self._functions.get(name, ())

    def macros_named(self, name: str) -> tuple[Macro, ...]:
        """Return all macros of a name, wherever they are known."""
        return self._macros.get(name, ())

    def _resolved(self, name: str, path: str) -> Iterator[Definition]:
        functions, macros = self.functions_named(name), self.macros_named(name)
        weak = kernel_names().calls.weak
        strong = [each for each in functions if not weak.some_in(each.words)]
        own = [each for each in strong if each.path == path]
        near = [each for each in strong if self._together(each.path, path)]
        if own or near:
            return _likeliest(own or near)
        if any(self._together(each.path, path) for each in macros):
            return self._known_macros(macros, path)
        bodies = [each for each in strong if _is_global_body(each)]
        if bodies or len(strong) != len(functions):
            return _likeliest(bodies or functions)
        if name in self._elsewhere:
            return iter(())
        stubs = [each for each in functions if each.path.endswith(HEADER)]
        return _likeliest(stubs) if stubs else self._known_macros(macros, path)

    def _known_macros(self, macros: Sequence[Macro], path: str) -> Iterator[Macro]:
        """Yield the macros that a file knows, the last first: its own, else those of headers."""
        own = [each for each in macros if self._together(each.path, path)]
        headers = [each for each in macros if each.path.endswith(HEADER)]
        return reversed(own or headers)

    def _together(self, path: str, other: str) -> bool:
        """Tell whether two files are compiled as one, because one includes the other."""
        compiled = self._compiled_with
        return compiled.get(path, path) == compiled.get(other, other)


def _is_global_body(function: Function) -> bool:
    return "static" not in function.words and not function.path.endswith(HEADER)


def _likeliest(found: Iterable[Function]) -> Iterator[Function]:
    return iter(sorted(found, key=lambda each: (each.partial, -len(each.text.text))))


def _by_name(definitions: Iterable[Found]) -> dict[str, tuple[Found, ...]]:
    found: dict[str, list[Found]] = defaultdict(list)
    for each in definitions:
        found[each.name].append(each)
    return {name: tuple(each) for name, each in found.items()}


def _declared(units: Iterable[Unit]) -> Iterator[str]:
    """Yield the functions that headers declare for a body elsewhere."""
    for unit in units:
        if unit.path.endswith(HEADER):
            yield from (each.name for each in unit.prototypes if not each.static)


def _included(units: Iterable[Unit]) -> dict[str, str]:
    """Return the C files that others include, each with the file that is compiled with it."""
    into = {
        posixpath.normpath(posixpath.join(posixpath.dirname(unit.path), name)): unit.path
        for unit in units
        for name in unit.includes
    }
    return {path: _outermost(path, into) for path in into}


def _outermost(path: str, into: dict[str, str]) -> str:
    seen = {path}
    while path in into and into[path] not in seen:
        path = into[path]
        seen.add(path)
    return path


@lru_cache(maxsize=4)
def symbols_of(units: Identity[Unit]) -> Symbols:
    """Return the symbols of the files of a state; put together once for the same files."""
    return Symbols(units.objects)
