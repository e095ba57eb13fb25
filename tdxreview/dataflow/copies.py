"""Pages and what stands for them: physical and virtual addresses, frame numbers, copies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import is_place, spelled
from tdxreview.kernel.names import kernel_names

SHIFTS = frozenset(["<<", ">>", "&", "|"])


def canonical(node: ir.Expr, copies: Mapping[str, ir.Expr], depth: int = 4) -> str:
    """Give one text for a page, whether by pointer, address or frame; empty if it has none."""
    match node:
        case ir.Cast(operand=operand):
            return canonical(operand, copies, depth)
        case ir.Call(arguments=(first, *_)) if node.name in kernel_names().memory.converts:
            return canonical(first, copies, depth)
        case ir.Call(arguments=(_, second, *_)) if node.name in kernel_names().memory.keyed:
            return canonical(second, copies, depth)
        case ir.Binary(op=op, left=left) if op in SHIFTS:
            return canonical(left, copies, depth)
        case ir.Name(id=name) if name in copies and depth:
            return canonical(copies[name], copies, depth - 1)
        case _:
            return spelled(node) if is_place(node) else ""


def copies_of(body: ir.Body) -> Mapping[str, ir.Expr]:
    """Give the local variables that are set once, to something that stands for a page."""
    return _copies_of(body)


@lru_cache(maxsize=2048)
def _copies_of(body: ir.Body) -> dict[str, ir.Expr]:
    written = list(_written(body))
    count = Counter(name for name, _ in written)
    own = {node.name for node in ir.walk(body.block) if isinstance(node, ir.Declare)}
    once = ((name, value) for name, value in written if name in own and count[name] == 1)
    return {name: value for name, value in once if _stands_for(value)}


def _written(body: ir.Body) -> Iterator[tuple[str, ir.Expr]]:
    for node in ir.walk(body.block):
        match node:
            case ir.Declare(name=name, initial=initial) if initial is not None:
                yield name, initial
            case ir.Assign(target=ir.Name(id=name), value=value):
                yield name, value
            case ir.Unary(op="++" | "--" | "p++" | "p--", operand=ir.Name(id=name)):
                yield name, node


def _stands_for(node: ir.Expr) -> bool:
    match node:
        case ir.Cast(operand=operand):
            return _stands_for(operand)
        case ir.Call():
            memory = kernel_names().memory
            return node.name in memory.converts or node.name in memory.keyed
        case _:
            return is_place(node)


def register(body: ir.Body, struct: str, name: str) -> ir.Expr | None:
    """Give what a register of a struct is set to, None unless it is set once."""
    found = [value for field, value in _fields(body, struct) if field == name]
    return found[0] if len(found) == 1 else None


def _fields(body: ir.Body, struct: str) -> Iterator[tuple[str, ir.Expr]]:
    for node in ir.walk(body.block):
        match node:
            case ir.Declare(name=name, initial=ir.InitList(items=items)) if name == struct:
                yield from ((item.field, item.value) for item in items)
            case ir.Assign(target=target, value=ir.InitList(items=items)):
                if spelled(target) == struct:
                    yield from ((item.field, item.value) for item in items)
            case ir.Assign(op="=", target=ir.Member(base=base, field=field), value=value):
                if spelled(base) == struct:
                    yield field, value


def mentions(text: str, name: str) -> bool:
    """Tell whether a page's text hangs on a variable or a member."""
    return text == name or bool(re.search(rf"(?<![\w>.]){re.escape(name)}(?!\w)", text))
