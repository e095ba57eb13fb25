"""Where the kernel starts running the functions in view: initcalls, ops tables, callbacks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from tdxreview.facts.abi import EntryPoint
from tdxreview.facts.model import Step
from tdxreview.facts.remember import per_fragment
from tdxreview.source.model import Fragment, Image

USE = re.compile(r"^(?:static[ \t]+)?(\w+)\(([^(){};]{1,300})\)", re.MULTILINE)
TABLE = re.compile(
    r"^(?:\w+[ \t\n]+){0,4}struct[ \t]+(\w+)[ \t\n]+(\w+)[^;=(){}]{0,80}=\s*\{",
    re.MULTILINE,
)
TABLE_END = re.compile(r"^\}", re.MULTILINE)
MEMBER = re.compile(r"\.(\w+)\s*=\s*&?\s*(\w+)\s*[,}\n]")
ATTRIBUTE = re.compile(r"=\s*__ATTR(?:_(?:RO|RW|WO))?\(\s*(\w+)([^(){};]{0,200})\)")
REGISTERED = re.compile(r"\b(\w+)\s*\(\s*&(\w+)\s*[,)]")


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
        self._by_member: dict[tuple[str, str], EntryPoint] = {}
        for point in points:
            self.by_name |= dict.fromkeys(point.functions, point)
            if point.callback:
                self.by_callback[point.callback].append(point)
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
        for image in images:
            for fragment in image.fragments:
                for way in _ways(_text(fragment), points):
                    step = Step(image.path, fragment.start + way.offset_line, way.text)
                    self._found[way.function].append(Entered(way.entry, step))

    def of(self, function: str, own: Step) -> Entered | None:
        """Give how a function is entered, None if nothing at file level says so.

        `own` is the step for one that the kernel calls by its name.
        """
        if function in self._found:
            return self._found[function][0]
        point = self._points.by_name.get(function)
        return Entered(point, own) if point else None


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
    return (*_macros(text, points), *_tables(text, points), *_attributes(text, points))


def _macros(text: str, points: Points) -> Iterator[Way]:
    for found in USE.finditer(text):
        if found[1] not in points.by_callback:
            continue
        arguments = [argument.strip() for argument in found[2].split(",")]
        for point in points.by_callback[found[1]]:
            if point.argument is not None and point.argument < len(arguments):
                function = arguments[point.argument].lstrip("&") + point.suffix
                line = text.count("\n", 0, found.start())
                yield Way(function, point, line, f"{point.name}: {found[1]}({function})")


def _tables(text: str, points: Points) -> Iterator[Way]:
    tables = list(TABLE.finditer(text))
    registered = {
        found[2]: points.by_callback[found[1]][0]
        for found in (REGISTERED.finditer(text) if tables else ())
        if found[1] in points.by_callback
    }
    for found in tables:
        end = TABLE_END.search(text, found.end())
        inside = text[found.end() : end.start() if end else len(text)]
        line = text.count("\n", 0, found.end())
        for member in MEMBER.finditer(inside):
            point = registered.get(found[2]) or points.of_member(found[1], member[1])
            if point:
                where = line + inside.count("\n", 0, member.start())
                yield Way(member[2], point, where, f"{point.name}: {member[2]}()")


def _attributes(text: str, points: Points) -> Iterator[Way]:
    point = points.of_member("kobj_attribute", "show")
    for found in ATTRIBUTE.finditer(text) if point else ():
        line = text.count("\n", 0, found.start())
        given = [name.strip() for name in found[2].split(",")]
        for function in (f"{found[1]}_show", f"{found[1]}_store", *given):
            if function and point:
                yield Way(function, point, line, f"{point.name}: {function}()")
