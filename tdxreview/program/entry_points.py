"""Where the kernel starts running the functions in view: initcalls, ops tables, callbacks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from tdxreview.cache import Identity, per_fragment
from tdxreview.cfront.scan import arguments_at, closing
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import EntryPoint
from tdxreview.program.ops_members import assigned, members
from tdxreview.program.unit import Function
from tdxreview.source.model import Fragment, Image
from tdxreview.source.place import Step

USE = re.compile(r"^(?:static[ \t]+)?(\w+)\(", re.MULTILINE)
SET_UP = re.compile(
    r"^(?:\w+[ \t]+){0,4}struct[ \t]+\w+[ \t]+\w+[ \t]*=\s{0,40}(\w+)\(", re.MULTILINE
)
TABLE = re.compile(
    r"^(?:\w+[ \t\n]+){0,4}struct[ \t]+(\w+)[ \t\n]+(\w+)[^;=(){}]{0,80}=\s*\{",
    re.MULTILINE,
)
LONGEST_TABLE = 20_000
REGISTER = re.compile(r"\b(\w*register\w*)\s{0,8}\(")


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
        placed = [(image.path, each) for image in images for each in image.fragments]
        tables: dict[str, str] = {}
        for path, fragment in placed:
            tables.update(_variables(fragment))
            for way in _ways(_text(fragment), points):
                self._note(path, fragment, way)
        for path, fragment in placed if tables else ():
            for way in _set_later(fragment, tables, points):
                self._note(path, fragment, way)

    def _note(self, path: str, fragment: Fragment, way: Way) -> None:
        step = Step(path, fragment.start + way.offset_line, way.text)
        self._found[way.function].append(Entered(way.entry, step))

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
        for way in _ways(_text(fragment), points)
    )


@per_fragment
def _text(fragment: Fragment) -> str:
    return fragment.text


@lru_cache(maxsize=4096)
def _ways(text: str, points: Points) -> tuple[Way, ...]:
    return (*_macros(text, points), *_tables(text, points))


def _macros(text: str, points: Points) -> Iterator[Way]:
    for found in (*USE.finditer(text), *SET_UP.finditer(text)):
        if found[1] not in points.by_callback:
            continue
        arguments = arguments_at(text, found.end())
        line = text.count("\n", 0, found.start())
        for point in points.by_callback[found[1]]:
            if point.argument is not None and point.argument < len(arguments):
                function = arguments[point.argument].lstrip("&") + point.suffix
                yield Way(function, point, line, f"{point.name}: {found[1]}({function})")


def _tables(text: str, points: Points) -> Iterator[Way]:
    tables = list(TABLE.finditer(text))
    registered = dict(_registered(text, points)) if tables else {}
    for found in tables:
        inside = text[found.end() : closing(text, found.end(), LONGEST_TABLE) + 1]
        line = text.count("\n", 0, found.end())
        for member in members(inside, text):
            point = registered.get(found[2]) or points.of_member(found[1], member.name)
            if point:
                where = line + inside.count("\n", 0, member.offset)
                yield Way(member.function, point, where, f"{point.name}: {member.function}()")


def _set_later(fragment: Fragment, tables: Mapping[str, str], points: Points) -> Iterator[Way]:
    """Give the members of tables that functions set."""
    for each in assigned(fragment):
        structure, member = tables.get(each.variable), each.member
        point = points.of_member(structure, member.name) if structure else None
        if point:
            line = fragment.text.count("\n", 0, member.offset)
            yield Way(member.function, point, line, f"{point.name}: {member.function}()")


@per_fragment
def _variables(fragment: Fragment) -> tuple[tuple[str, str], ...]:
    """Give the tables of a piece of code by name, with their structure."""
    return tuple((found[2], found[1]) for found in TABLE.finditer(fragment.text))


def _registered(text: str, points: Points) -> Iterator[tuple[str, EntryPoint]]:
    """Give the structures that are handed to a function which knows what they are for."""
    for found in REGISTER.finditer(text):
        given = arguments_at(text, found.end()) if found[1] in points.by_callback else ()
        for point in points.by_callback.get(found[1], ()) if given else ():
            if point.argument is not None and point.argument < len(given):
                yield given[point.argument].lstrip("& "), point
