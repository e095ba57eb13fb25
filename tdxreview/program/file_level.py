"""What stands outside of functions: objects with their initialisers, and calls of macros."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name
from tdxreview.cfront.parser import statements
from tdxreview.cfront.scan import LONGEST_CALL, closing
from tdxreview.regex import regex

MACRO = regex(r"^(?:static[ \t]+)?(?=[A-Za-z_]\w*\()", re.MULTILINE)
OBJECT = regex(r"^(?=[A-Za-z_])[^;={}#\n](?:[^;={}#\n]|(?<!\))\n){0,200}?=\s*", re.MULTILINE)
LONGEST_TABLE = 20_000


class Top(Struct, frozen=True):
    """An object with its initialiser, or the call of a macro; `line` is its first, from 0."""

    line: int
    node: ir.Declare | ir.Call

    @property
    def call(self) -> ir.Call | None:
        """Return the macro that is called, be it as the initialiser of an object."""
        node = self.node.initial if isinstance(self.node, ir.Declare) else self.node
        return node if isinstance(node, ir.Call) else None


class Placed(Struct, frozen=True):
    """A name that a member of a table is initialised with, and its line, from 0."""

    member: str
    name: str
    line: int


@lru_cache(maxsize=4096)
def file_level(text: str) -> tuple[Top, ...]:
    """Return the objects and macro calls at the left margin of a text, in its order."""
    found = [*_macros(text), *_objects(text)]
    return tuple(sorted(found, key=lambda top: top.line))


def initialised(text: str) -> Iterator[tuple[int, ir.Declare]]:
    """Yield the objects of a text that have a list of initialisers, each with its line."""
    for top in file_level(text):
        if isinstance(top.node, ir.Declare) and isinstance(top.node.initial, ir.InitList):
            yield top.line, top.node


def structure_of(table: ir.Declare) -> str:
    """Return the structure that an object is one of, empty for others."""
    _, _, name = table.type.partition("struct ")
    return name.split()[0].rstrip("*") if name.split() else ""


def _macros(text: str) -> Iterator[Top]:
    for found in MACRO.finditer(text):
        end = closing(text, text.index("(", found.end()) + 1, LONGEST_CALL) + 1
        if text[end : end + 80].lstrip()[:1] != "{":
            yield from _lowered(text, found.end(), end)


def _objects(text: str) -> Iterator[Top]:
    for found in OBJECT.finditer(text):
        if text.startswith("{", found.end()):
            end = closing(text, found.end() + 1, LONGEST_TABLE) + 1
        else:
            end = text.find(";", found.end(), found.end() + LONGEST_CALL)
        if end > 0:
            yield from _lowered(text, found.start(), end)


def _lowered(text: str, start: int, end: int) -> Iterator[Top]:
    line = text.count("\n", 0, start)
    for each in statements(text[start:end]):
        node = each.value if isinstance(each, ir.Evaluate) else each
        if isinstance(node, ir.Declare | ir.Call):
            yield Top(line, node)


def placed_in(table: ir.Expr | None, line: int) -> Iterator[Placed]:
    """Yield the names in an initialiser by the member that has them, those of members within too.

    A macro that comes to a name, `.vm_init = vt_op(vm_init)`, is given as `vt_op(vm_init)`.
    """
    for item in table.items if isinstance(table, ir.InitList) else ():
        if isinstance(item.value, ir.InitList):
            yield from placed_in(item.value, line)
        member = item.field.rpartition(".")[2]
        for name in _names(item.value) if member.isidentifier() else ():
            yield Placed(member, name, line + item.span.line)


def _names(value: ir.Expr) -> Iterator[str]:
    match value:
        case ir.Conditional(test=test, then=then, other=other):
            for side in (then or test, other):
                yield from _names(side)
        case ir.Call(function=ir.Name(id=macro), arguments=given) if all(map(plain_name, given)):
            yield f"{macro}({', '.join(map(plain_name, given))})"
        case _:
            if name := plain_name(value):
                yield name
