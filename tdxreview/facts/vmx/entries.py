"""Where the kernel starts running the functions in view: initcalls, ops tables, callbacks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from tdxreview.facts.abi import EntryPoint
from tdxreview.facts.dialect import masked
from tdxreview.facts.model import Step
from tdxreview.source.model import Image

USE = re.compile(r"^(?:static[ \t]+)?(\w+)\(([^(){};]{1,300})\)", re.MULTILINE)
TABLE = re.compile(
    r"^(?:(?:static|const|extern|\w+)[ \t\n]+){0,4}struct[ \t]+(\w+)[ \t\n]+(\w+)[^;=(){}]{0,80}=\s*\{",
    re.MULTILINE,
)
TABLE_END = re.compile(r"^\}", re.MULTILINE)
MEMBER = re.compile(r"\.(\w+)\s*=\s*&?\s*(\w+)\s*[,}\n]")
ATTRIBUTE = re.compile(r"=\s*__ATTR(?:_(?:RO|RW|WO))?\(\s*(\w+)([^(){};]{0,200})\)")
REGISTERED = re.compile(r"\b(\w+)\s*\(\s*&(\w+)\s*[,)]")


@dataclass(frozen=True, slots=True)
class Way:
    """How a function is entered: the entry point, and where the code says so.

    `offset_line` is the 0-based line of the text in which it was found.
    """

    function: str
    entry: EntryPoint
    offset_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry of a function, with the step that shows it."""

    entry: EntryPoint
    step: Step


class Entries:
    """The entry points that images show at file level, by function name."""

    def __init__(self, images: Iterable[Image], points: tuple[EntryPoint, ...]) -> None:
        self._found: dict[str, list[Entered]] = defaultdict(list)
        self._named = {name: point for point in points for name in point.functions}
        for image in images:
            for fragment in image.fragments:
                for way in _ways(fragment.text, points):
                    step = Step(image.path, fragment.start + way.offset_line, way.text)
                    self._found[way.function].append(Entered(way.entry, step))

    def of(self, function: str, own: Step) -> Entered | None:
        """Give how a function is entered, None if nothing at file level says so.

        `own` is the step for one that the kernel calls by its name.
        """
        if function in self._found:
            return self._found[function][0]
        point = self._named.get(function)
        return Entered(point, own) if point else None


@lru_cache(maxsize=1024)
def _ways(text: str, points: tuple[EntryPoint, ...]) -> tuple[Way, ...]:
    quiet = masked(text)
    return (*_macros(quiet, points), *_tables(quiet, points))


def _macros(quiet: str, points: tuple[EntryPoint, ...]) -> Iterator[Way]:
    by_callback = _by_callback(points)
    for found in USE.finditer(quiet):
        arguments = [argument.strip() for argument in found[2].split(",")]
        for point in by_callback.get(found[1], ()):
            if point.argument is not None and point.argument < len(arguments):
                function = arguments[point.argument].lstrip("&") + point.suffix
                line = quiet.count("\n", 0, found.start())
                yield Way(function, point, line, f"{point.name}: {found[1]}({function})")


def _tables(quiet: str, points: tuple[EntryPoint, ...]) -> Iterator[Way]:
    by_callback = _by_callback(points)
    registered = {
        found[2]: by_callback[found[1]][0]
        for found in REGISTERED.finditer(quiet)
        if found[1] in by_callback
    }
    for found in TABLE.finditer(quiet):
        end = TABLE_END.search(quiet, found.end())
        inside = quiet[found.end() : end.start() if end else len(quiet)]
        line = quiet.count("\n", 0, found.end())
        for member, function, offset in _members(inside):
            point = registered.get(found[2]) or _of_member(points, found[1], member)
            if point:
                where = line + inside.count("\n", 0, offset)
                yield Way(function, point, where, f"{point.name}: {function}()")
    yield from _attributes(quiet, points)


def _attributes(quiet: str, points: tuple[EntryPoint, ...]) -> Iterator[Way]:
    point = _of_member(points, "kobj_attribute", "show")
    for found in ATTRIBUTE.finditer(quiet) if point else ():
        line = quiet.count("\n", 0, found.start())
        given = [name.strip() for name in found[2].split(",")]
        for function in (f"{found[1]}_show", f"{found[1]}_store", *given):
            if function and point:
                yield Way(function, point, line, f"{point.name}: {function}()")


def _members(inside: str) -> Iterator[tuple[str, str, int]]:
    for found in MEMBER.finditer(inside):
        yield found[1], found[2], found.start()


@lru_cache(maxsize=8)
def _by_callback(points: tuple[EntryPoint, ...]) -> dict[str, tuple[EntryPoint, ...]]:
    table: dict[str, tuple[EntryPoint, ...]] = {}
    for point in points:
        if point.callback:
            table[point.callback] = (*table.get(point.callback, ()), point)
    return table


def _of_member(points: tuple[EntryPoint, ...], structure: str, member: str) -> EntryPoint | None:
    fitting = [point for point in points if point.structure == structure]
    named = (point for point in fitting if point.member == member)
    return next(named, next((point for point in fitting if point.member == "*"), None))
