"""The functions that members of ops tables hold: by name, by a macro that completes it, set later.

KVM's table says `.vm_init = vt_op(vm_init)`, where `vt_op(name)` is `vt_##name`, and sets
further members of it with `vt_x86_ops.member = function;`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.program.file_level import Placed, initialised, placed_in, structure_of
from tdxreview.program.running import put_into
from tdxreview.regex import regex

PASTING = regex(r"^#[ \t]*define[ \t]+(\w+)\((\w+)\)[ \t]+(\w*)##(\w+)[ \t]*$", re.MULTILINE)


class Table(Struct, frozen=True):
    """An object with the functions that its members hold."""

    name: str
    structure: str
    members: tuple[Placed, ...]


@lru_cache(maxsize=4096)
def tables(text: str) -> tuple[Table, ...]:
    """Return the tables of a text, with the names that its macros complete."""
    pasting = _pasting(text) if "##" in text else {}
    return tuple(
        Table(
            table.name,
            structure_of(table),
            tuple(_completed(each, pasting) for each in placed_in(table.initial, line)),
        )
        for line, table in initialised(text)
    )


def _pasting(text: str) -> Mapping[str, str]:
    """Return the macros that put a prefix before their one argument, with the prefix."""
    return {found[1]: found[3] for found in PASTING.finditer(text) if found[2] == found[4]}


def _completed(placed: Placed, pasting: Mapping[str, str]) -> Placed:
    macro, called, rest = placed.name.partition("(")
    if not called:
        return placed
    name = pasting[macro] + rest.rstrip(")") if macro in pasting else ""
    return Placed(placed.member, name, placed.line)


def assigned(body: ir.Body, line: int) -> Iterator[tuple[str, Placed]]:
    """Yield the members of variables that a body sets to a name, with the variable.

    `line` is that of the function.
    """
    for node in ir.nodes(body):
        match node:
            case ir.Assign(target=ir.Member(base=ir.Name(id=table), field=member), value=value):
                for name in sorted(put_into(value)):
                    yield table, Placed(member, name, line + node.span.line)
