"""Which function an object carries to where it is set going: work, timers, static calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from tdxreview.cache import Identity, per_fragment
from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words_of
from tdxreview.program.entry_points import Points
from tdxreview.program.file_level import file_level, initialised
from tdxreview.program.running import Kept, listed, put_into
from tdxreview.program.unit import Unit, units_of
from tdxreview.source.model import Fragment, Image


class Bindings:
    """The functions that objects carry, by file and by the last word of the object's name."""

    def __init__(self, images: Iterable[Image], points: Points) -> None:
        self._found: dict[str, dict[str, str]] = {}
        self._tables: dict[str, dict[str, Kept]] = {}
        for image in images:
            for fragment in image.fragments:
                self._tables.setdefault(image.path, {}).update(_listed(_text(fragment)))
                for name, function in _at_file_level(_text(fragment), points):
                    self._found.setdefault(image.path, {}).setdefault(name, function)
            for own in units_of([image]):
                for name, function in _in_functions(Identity([own]), points):
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
    return tuple((table.name, listed(table)) for _, table in initialised(text))


@lru_cache(maxsize=4096)
def _at_file_level(text: str, points: Points) -> tuple[tuple[str, str], ...]:
    if not any(name in text for name in points.binding):
        return ()
    return tuple(
        bound
        for top in file_level(text)
        if top.call is not None
        for bound in _bound(top.call, getattr(top.node, "name", ""), points)
    )


@lru_cache(maxsize=1024)
def _in_functions(own: Identity[Unit], points: Points) -> tuple[tuple[str, str], ...]:
    carriers = kernel_names().callbacks.carriers
    telling = points.binding.keys() | carriers.names
    return tuple(
        bound
        for function in own.objects[0].functions
        if not telling.isdisjoint(words_of(function))
        for node in ir.nodes(function.body)
        for bound in _bound_by(node, points)
    )


def _bound_by(node: ir.Node, points: Points) -> Iterator[tuple[str, str]]:
    """Yield the objects that a node of a function sets up, each with the function it carries."""
    match node:
        case ir.Call():
            yield from _bound(node, "", points)
        case ir.Declare(name=name, initial=ir.Call() as call):
            yield from _bound(call, name, points)
        case ir.Assign(target=ir.Member(base=base, field=field), value=value):
            if field in kernel_names().callbacks.carriers:
                yield from ((carrier(base), name) for name in sorted(put_into(value)))


def _bound(call: ir.Call, declared: str, points: Points) -> Iterator[tuple[str, str]]:
    """Yield the object that a call sets up, or the one declared with it, and its function."""
    given = call.arguments
    for point in points.binding.get(call.name, ()):
        if point.argument is None or point.argument >= len(given):
            continue
        name = declared
        if point.binds is not None:
            name = carrier(given[point.binds]) if point.binds < len(given) else ""
        function = plain_name(given[point.argument])
        if name and function:
            yield name, function
