"""What a function does with an object in memory: read it, write it, hand it to a call."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

WRITING = regex(
    r"^(?:arch_)?(?:atomic(?:64|_long)?_(?!read|fetch|try)\w*|(?:try_)?(?:cmp)?xchg\w*|__?set_bit"
    r"|set_bit|clear_bit|INIT_\w+|init_completion)$"
)
"""Calls that change what their first argument points to; what they return is another matter."""
ATOMIC_RESULTS = regex(r"_return|_test|fetch_|xchg")


class Doing(StrEnum):
    """What is done with an object."""

    READ = "read"
    WRITTEN = "written"
    PASSED = "passed"


class MemoryUse(Struct, frozen=True):
    """One use of an object; `field` is the member next to it, empty for all of it.

    `call` and `argument` say what it is handed to.
    """

    doing: Doing
    field: str
    call: ir.Call | None = None
    argument: int = 0


def place(node: ir.Expr) -> tuple[str, str, bool]:
    """Give the variable that a place is reached through, the member next to it, and whether so.

    Casts, `&`, `*` and indices are looked through.
    """
    field, through = "", False
    while True:
        match node:
            case ir.Member(base=base, field=name):
                node, field, through = base, name, True
            case ir.Index(base=base) | ir.Unary(op="*", operand=base):
                node, through = base, True
            case ir.Cast(operand=base) | ir.Unary(op="&", operand=base):
                node = base
            case ir.Name(id=name):
                return name, field, through
            case _:
                return "", "", False


def aliases(body: ir.Body, name: str) -> frozenset[str]:
    """Give a variable with the pointers that are set to it, or to its address."""
    found = {name}
    pointers = _pointers(body)
    for node in ir.nodes(body):
        match node:
            case ir.Declare(name=other, initial=value) if value is not None and other in pointers:
                found |= {other} if _same(value, found) else set()
            case ir.Assign(op="=", target=ir.Name(id=other), value=value) if other in pointers:
                found |= {other} if _same(value, found) else set()
    return frozenset(found)


@lru_cache(maxsize=4096)
def _pointers(body: ir.Body) -> frozenset[str]:
    """Give the variables of a function that are pointers."""
    declared = (each for each in ir.nodes(body) if isinstance(each, ir.Declare))
    return frozenset(each.name for each in declared if "*" in each.type)


def _same(value: ir.Expr, names: set[str]) -> bool:
    root, field, through = place(value)
    return root in names and not field and not through


def memory_uses(body: ir.Body, name: str) -> tuple[MemoryUse, ...]:
    """Give every use of an object that a variable is or points to, in the order of the text."""
    names = aliases(body, name)
    return tuple(each for node in body.block.body for each in _used(node, names, stands=True))


def _used(node: ir.Node, names: frozenset[str], *, stands: bool = False) -> Iterator[MemoryUse]:
    """Yield the uses in a node; `stands` says that its value is not used."""
    match node:
        case ir.Evaluate(value=value):
            yield from _used(value, names, stands=True)
        case ir.Assign(op="=", target=target, value=value):
            yield from _stored(target, value, names)
        case ir.Declare(name=name) if name in names:
            if node.initial is not None and not _same(node.initial, set(names)):
                yield from _used(node.initial, names)
        case ir.Call():
            yield from _called(node, names, stands=stands)
        case ir.Other() if node.text.lstrip().startswith("sizeof"):
            return
        case ir.Unary(op="++" | "--" | "p++" | "p--", operand=operand) if stands:
            root, field, _ = place(operand)
            if root in names:
                yield MemoryUse(Doing.WRITTEN, field)
        case _:
            yield from _read(node, names)


def _read(node: ir.Node, names: frozenset[str]) -> Iterator[MemoryUse]:
    if isinstance(node, ir.Name | ir.Member | ir.Index | ir.Unary | ir.Cast):
        root, field, _ = place(node)
        if root in names:
            yield MemoryUse(Doing.READ, field)
            return
    for child in ir.children(node):
        yield from _used(child, names)


def _stored(target: ir.Expr, value: ir.Expr, names: frozenset[str]) -> Iterator[MemoryUse]:
    root, field, _ = place(target)
    if not (isinstance(target, ir.Name) and target.id in names and _same(value, set(names))):
        yield from _used(value, names)
    if root in names:
        yield MemoryUse(Doing.WRITTEN, field)
    else:
        yield from _used(target, names)


def _called(node: ir.Call, names: frozenset[str], *, stands: bool) -> Iterator[MemoryUse]:
    known = kernel_names().calls
    writing = node.name in known.writes or node.name in known.wipes
    quiet = stands or not ATOMIC_RESULTS.search(node.name)
    writing = writing or (quiet and WRITING.match(node.name) is not None)
    for at, argument in enumerate(node.arguments):
        root, field, _ = place(bare(argument))
        if root not in names:
            yield from _used(argument, names)
        elif at == 0 and writing:
            yield MemoryUse(Doing.WRITTEN, field)
        elif node.name in known.reads or node.name in known.transparent:
            yield MemoryUse(Doing.READ, field)
        else:
            yield MemoryUse(Doing.PASSED, field, node, at)
    if not node.name:
        yield from _used(node.function, names)
