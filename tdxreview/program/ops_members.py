"""The functions that members of ops tables hold: by name, by a macro that comes to it, set later.

KVM's table says `.vm_init = vt_op(vm_init)`, where `vt_op(name)` is `vt_##name` or `vmx_##name` by
the configuration, and sets further members of it with `vt_x86_ops.member = function;`. A member
holds what each definition of the macro in its file comes to.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.parser import statements
from tdxreview.cfront.pasting import Macros, written_out
from tdxreview.program.file_level import Placed, initialised, placed_in, structure_of
from tdxreview.program.running import put_into
from tdxreview.regex import regex

CALLED = regex(r"^#[ \t]*define[ \t]+(\w+)\(([\w \t,]*)\)[ \t]*((?:[^\\\n]|\\\n)+)$", re.MULTILINE)
"""A macro that is called, with its parameters and its text."""


class Table(Struct, frozen=True):
    """An object with the functions that its members hold."""

    name: str
    structure: str
    members: tuple[Placed, ...]


@lru_cache(maxsize=4096)
def tables(text: str) -> tuple[Table, ...]:
    """Return the tables of a text, with the names that its macros come to."""
    found = tuple(initialised(text))
    macros = _macros(text) if found else {}
    return tuple(
        Table(table.name, structure_of(table), tuple(_members(table, line, macros)))
        for line, table in found
    )


def _macros(text: str) -> Macros:
    found: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for each in CALLED.finditer(text):
        parameters = tuple(map(str.strip, each[2].split(",")))
        found[each[1]].append((parameters, each[3]))
    return found


def _members(table: ir.Declare, line: int, macros: Macros) -> Iterator[Placed]:
    for placed in placed_in(table.initial, line):
        macro, called, arguments = placed.name.partition("(")
        if called:
            names = _come_to(macro, arguments.removesuffix(")"), macros)
            yield from (Placed(placed.member, name, placed.line) for name in names)
        else:
            yield placed


def _come_to(macro: str, arguments: str, macros: Macros) -> tuple[str, ...]:
    """Return the names that the call of a macro may come to, by each of its definitions."""
    found: dict[str, None] = {}
    for text in written_out(macro, arguments, macros):
        for each in statements(text):
            if isinstance(each, ir.Evaluate):
                found |= dict.fromkeys(sorted(put_into(each.value)))
    return tuple(found)


def assigned(body: ir.Body, line: int) -> Iterator[tuple[str, Placed]]:
    """Yield the members of variables that a body sets to a name, with the variable.

    `line` is that of the function.
    """
    for node in ir.nodes(body):
        match node:
            case ir.Assign(target=ir.Member(base=ir.Name(id=table), field=member), value=value):
                for name in sorted(put_into(value)):
                    yield table, Placed(member, name, line + node.span.line)
