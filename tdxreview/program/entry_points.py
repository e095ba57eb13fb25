"""Where the kernel starts running the functions in view: initcalls, ops tables, callbacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct

from tdxreview.cache import Identity, per_fragment
from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import EntryPoint
from tdxreview.program.callgraph import words_of
from tdxreview.program.file_level import file_level
from tdxreview.program.ops_members import Table, assigned, tables
from tdxreview.program.unit import Function, units_of
from tdxreview.source.model import Fragment, Image
from tdxreview.source.place import Step

Registered: TypeAlias = "tuple[tuple[str, EntryPoint], ...]"
"""Structures by name, with what they are registered for."""


class Way(Struct, frozen=True):
    """How a function is entered: the entry point, and where the code says so.

    `offset_line` is the 0-based line of the text in which it was found.
    """

    function: str
    entry: EntryPoint
    offset_line: int
    text: str


class Entered(Struct, frozen=True):
    """An entry of a function, with the step that shows it."""

    entry: EntryPoint
    step: Step


class Points:
    """The entry points of the protocol by what hands a function over or holds it."""

    def __init__(self, points: Iterable[EntryPoint]) -> None:
        self.by_callback: dict[str, list[EntryPoint]] = defaultdict(list)
        self.by_name: dict[str, EntryPoint] = {}
        self.binding: dict[str, list[EntryPoint]] = defaultdict(list)
        self._by_member: dict[tuple[str, str], EntryPoint] = {}
        for point in points:
            self.by_name |= dict.fromkeys(point.functions, point)
            if point.callback:
                self.by_callback[point.callback].append(point)
                if point.binds is not None or point.callback in kernel_names().callbacks.set_up:
                    self.binding[point.callback].append(point)
            if point.structure:
                self._by_member[point.structure, point.member] = point

    def of_member(self, structure: str, member: str) -> EntryPoint | None:
        """Give the entry point that a member of an ops table stands for."""
        own = self._by_member.get((structure, member))
        return own or self._by_member.get((structure, "*"))


class Entries:
    """The entry points that images show at file level, by function name."""

    def __init__(self, images: Iterable[Image], points: Points) -> None:
        self._points = points
        self._found: dict[str, list[Entered]] = defaultdict(list)
        known = tuple(images)
        for image in known:
            registered = _registered(Identity([image]), points)
            for fragment in image.fragments:
                for way in _ways(_text(fragment), points, registered):
                    self._note(image.path, fragment.start + way.offset_line, way)
        structures = {table.name: table.structure for image in known for table in _tables_of(image)}
        for image in known if structures else ():
            for way in _set_later(image, structures, points):
                self._note(image.path, way.offset_line, way)

    def _note(self, path: str, line: int, way: Way) -> None:
        self._found[way.function].append(Entered(way.entry, Step(path, line, way.text)))

    def of(self, function: str, own: Step) -> Entered | None:
        """Give how a function is entered, None if nothing at file level says so.

        `own` is the step for one that the kernel calls by its name.
        """
        if function in self._found:
            return self._found[function][0]
        point = self._points.by_name.get(function)
        return Entered(point, own) if point else None

    def all_of(self, function: Function) -> tuple[Entered, ...]:
        """Give the ways into a function that file level shows, or the one by its name.

        A static function is entered in its own file only.
        """
        static = "static" in function.words
        found = tuple(
            each
            for each in self._found.get(function.name, ())
            if not static or each.step.path == function.path
        )
        named = self.by_name(function)
        return found or ((named,) if named else ())

    def by_name(self, function: Function) -> Entered | None:
        """Give the entry point that the protocol has for a function's name."""
        point = self._points.by_name.get(function.name)
        init = kernel_names().calls.boot_code
        if point is None or (point.init_code and not init.some_in(function.words)):
            return None
        text = f"{point.name}: the kernel calls {function.name}(), which"
        return Entered(point, Step(function.path, function.line, text))


@lru_cache(maxsize=4)
def entries_of(images: Identity[Image], points: Points) -> Entries:
    """Give the entry points of a state of the files; put together once for the same files."""
    return Entries(images.objects, points)


def entered(images: Iterable[Image], points: Points) -> frozenset[tuple[str, str]]:
    """Give the functions that the kernel enters as images show it, each with how it does."""
    return frozenset(
        (way.function, way.text)
        for image in images
        for fragment in image.fragments
        for way in _ways(_text(fragment), points, _registered(Identity([image]), points))
    )


@per_fragment
def _text(fragment: Fragment) -> str:
    return fragment.text


@lru_cache(maxsize=4096)
def _ways(text: str, points: Points, registered: Registered) -> tuple[Way, ...]:
    return (*_macros(text, points), *_members(text, points, dict(registered)))


def _macros(text: str, points: Points) -> Iterator[Way]:
    for top in file_level(text):
        if (call := top.call) is not None:
            for point in points.by_callback.get(call.name, ()):
                if given := _given(call, point):
                    text = f"{point.name}: {call.name}({given}{point.suffix})"
                    yield Way(given + point.suffix, point, top.line, text)


def _members(text: str, points: Points, registered: Mapping[str, EntryPoint]) -> Iterator[Way]:
    for table in tables(text):
        for each in table.members:
            point = registered.get(table.name) or points.of_member(table.structure, each.member)
            if point and each.name:
                yield Way(each.name, point, each.line, f"{point.name}: {each.name}()")


def _tables_of(image: Image) -> Iterator[Table]:
    return (table for each in image.fragments for table in tables(_text(each)) if table.structure)


def _set_later(image: Image, structures: Mapping[str, str], points: Points) -> Iterator[Way]:
    """Give the members of tables that functions set."""
    for own in units_of([image]):
        for function in own.functions:
            known = not structures.keys().isdisjoint(words_of(function))
            for variable, each in assigned(function.body, function.line) if known else ():
                structure = structures.get(variable)
                point = points.of_member(structure, each.member) if structure else None
                if point:
                    yield Way(each.name, point, each.line, f"{point.name}: {each.name}()")


@lru_cache(maxsize=1024)
def _registered(own: Identity[Image], points: Points) -> Registered:
    """Give the structures that are handed to a function which knows what they are for."""
    return tuple(
        (_given(call, point), point)
        for unit in units_of(own.objects)
        for function in unit.functions
        if "register" in function.text.quiet
        and not points.by_callback.keys().isdisjoint(words_of(function))
        for call in function.calls
        for point in points.by_callback.get(call.name, ())
    )


def _given(call: ir.Call, point: EntryPoint) -> str:
    """Return the name that a call is given for an entry point, empty if it is given none."""
    if point.argument is None or point.argument >= len(call.arguments):
        return ""
    return plain_name(call.arguments[point.argument])
