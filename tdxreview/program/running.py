"""What a piece of code runs, and what it only names: an address that is stored is no call.

Pointers are told apart by where they are kept: the member of a structure, whichever object it is
of, or the variable. What is put there in the code at hand, or stands there in a table, may be run
by a call through it; what comes from elsewhere is unknown, and is not guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.regex import regex

Kept = Mapping[str, frozenset[str]]
"""Names by the member or variable that they are put into."""
LAST_WORD = regex(r"([A-Za-z_]\w*)\W*$")


@lru_cache(maxsize=8192)
def run_in(body: ir.Body) -> frozenset[str]:
    """Return the names that a body calls, and all others in it that a macro may stand for."""
    found = set()
    for node in ir.nodes(body):
        if isinstance(node, ir.Call):
            found.add(node.name)
        elif isinstance(node, ir.Evaluate) and isinstance(node.value, ir.Name):
            found.add(node.value.id)
        elif isinstance(node, ir.ForEach | ir.Scoped):
            found.add(node.name)
    return frozenset(found - {""})


@lru_cache(maxsize=8192)
def kept_in(body: ir.Body) -> Kept:
    """Return the names that a body puts into each member and variable."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in ir.nodes(body):
        for keeper, name in _puts(node):
            found[keeper].add(name)
    return {keeper: frozenset(names) for keeper, names in found.items()}


def listed(table: ir.Declare) -> Kept:
    """Return the names in a table by the member that each initialises, or the table's own name."""
    found: dict[str, set[str]] = defaultdict(set)
    for keeper, name in _puts(table):
        found[keeper].add(name)
    return {keeper: frozenset(names) for keeper, names in found.items()}


def _puts(node: ir.Node) -> Iterator[tuple[str, str]]:
    match node:
        case ir.Assign(op="=", target=target, value=value):
            yield from _put(keeper_of(target), value)
        case ir.Declare(name=name, initial=initial) if initial is not None:
            yield from _put(name, initial)


def _put(keeper: str, value: ir.Expr) -> Iterator[tuple[str, str]]:
    """Yield the names that an expression may be, each with where it comes to be kept."""
    match value:
        case ir.Name(id=name):
            yield keeper, name
        case ir.Cast(operand=operand) | ir.Unary(op="&", operand=operand):
            yield from _put(keeper, operand)
        case ir.Assign(value=inner) | ir.Binary(op=",", right=inner):
            yield from _put(keeper, inner)
        case ir.Conditional(test=test, then=then, other=other):
            for side in (then or test, other):
                yield from _put(keeper, side)
        case ir.InitList(items=items):
            for item in items:
                member = LAST_WORD.search(item.field)
                yield from _put(member[1] if member else keeper, item.value)


def put_into(value: ir.Expr) -> frozenset[str]:
    """Return the names that an expression may be."""
    return frozenset(name for keeper, name in _put("", value) if not keeper)


def keeper_of(node: ir.Expr) -> str:
    """Return the member or variable that keeps a pointer, empty if it is neither."""
    match node:
        case ir.Name(id=name):
            return name
        case ir.Member(field=field):
            return field
        case ir.Index(base=inner) | ir.Unary(op="*" | "&", operand=inner) | ir.Cast(operand=inner):
            return keeper_of(inner)
        case _:
            return ""
