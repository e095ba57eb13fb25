"""Which function an object carries to where it is set going: work, timers, static calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from tdxreview.cache import per_fragment
from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name
from tdxreview.cfront.parser import statements
from tdxreview.cfront.scan import arguments_at, closing
from tdxreview.program.entry_points import Points
from tdxreview.program.running import Kept, listed
from tdxreview.source.model import Fragment, Image

USE = re.compile(r"\b([A-Za-z_]\w*)\(")
HELD = re.compile(r"\b(\w+)[ \t]*=\s{0,40}$")
SET = re.compile(r"\b(\w+)(?:\.|->)(?:function|func)\s*=\s*&?(\w+)\s*;")
PER_CPU = re.compile(r"&?\s*\w*cpu\w*\(\s*&?(\w+)")
TABLE = re.compile(
    r"^(?:static|const|struct)\b[^;={}\n]{0,120}?(?:\*[ \t]*(?:const[ \t]+)?)?\b(\w+)(?:\[\w*\])?"
    r"(?:\s*\)\s*\([^;={}()\n]{0,100}\))?[ \t]*=\s*\{",
    re.MULTILINE,
)
LONGEST_TABLE = 4000
WORD = re.compile(r"[A-Za-z_]\w*")


class Bindings:
    """The functions that objects carry, by file and by the last word of the object's name."""

    def __init__(self, images: Iterable[Image], points: Points) -> None:
        self._found: dict[str, dict[str, str]] = {}
        self._tables: dict[str, dict[str, Kept]] = {}
        for image in images:
            for fragment in image.fragments:
                self._tables.setdefault(image.path, {}).update(_listed(_text(fragment)))
                for name, function in _bound(_text(fragment), points):
                    self._found.setdefault(image.path, {}).setdefault(name, function)

    def of(self, path: str) -> Mapping[str, str]:
        """Give the functions that the objects of a file carry, by object."""
        return self._found.get(path, {})

    def tables(self, path: str) -> Mapping[str, Kept]:
        """Give what the tables of a file list, by the table's name and where in it they stand."""
        return self._tables.get(path, {})

    def all(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Give every object and table: its file, its name and the functions it may carry."""
        for path, bound in self._found.items():
            yield from ((path, name, (function,)) for name, function in bound.items())
        for path, tables in self._tables.items():
            for name, kept in tables.items():
                yield path, name, tuple(sorted(frozenset().union(*kept.values())))


NOTHING_BOUND = Bindings((), Points(()))


def carrier(node: ir.Expr) -> str:
    """Give the last word of the name of an object that a call is given, empty if it has none."""
    while isinstance(node, ir.Cast) or (isinstance(node, ir.Unary) and node.op == "&"):
        node = node.operand
    match node:
        case ir.Member(field=field):
            return field
        case ir.Index(base=base):
            return carrier(base)
        case ir.Call(arguments=(first, *_)):
            return carrier(first)
        case _:
            return plain_name(node)


@per_fragment
def _text(fragment: Fragment) -> str:
    return fragment.text


@lru_cache(maxsize=4096)
def _listed(text: str) -> tuple[tuple[str, Kept], ...]:
    return tuple(
        (each.name, listed(each))
        for found in TABLE.finditer(text)
        for each in statements(text[found.start() : closing(text, found.end(), LONGEST_TABLE) + 1])
        if isinstance(each, ir.Declare)
    )


@lru_cache(maxsize=4096)
def _bound(text: str, points: Points) -> tuple[tuple[str, str], ...]:
    return (*_called(text, points), *((found[1], found[2]) for found in SET.finditer(text)))


def _called(text: str, points: Points) -> Iterator[tuple[str, str]]:
    if not any(name in text for name in points.binding):
        return
    for found in USE.finditer(text):
        for point in points.binding.get(found[1], ()):
            given = arguments_at(text, found.end())
            if point.argument is None or point.argument >= len(given):
                continue
            if point.binds is not None:
                name = _name(given[point.binds]) if point.binds < len(given) else ""
            else:
                held = HELD.search(text, max(0, found.start() - 100), found.start())
                name = held[1] if held else ""
            if name:
                yield name, given[point.argument].lstrip("& ")


def _name(argument: str) -> str:
    per_cpu = PER_CPU.match(argument)
    if per_cpu:
        return per_cpu[1]
    words = WORD.findall(argument)
    return words[-1] if words else ""
