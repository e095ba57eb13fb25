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


def canonical(  # noqa: PLR0911 - a table of node kinds
    node: ir.Expr, copies: Mapping[str, ir.Expr], depth: int = 4
) -> str:
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
        case ir.Binary(op="+", left=left, right=right):
            return element(canonical(left, copies, depth), right)
        case ir.Unary(op="&", operand=ir.Index(base=base, index=index)):
            return element(canonical(base, copies, depth), index)
        case ir.Unary(op="&", operand=operand) if is_place(operand):
            return f"&{spelled(operand)}"
        case ir.Index(base=ir.Name() as base, index=index) if base.id in copies and depth:
            return element(canonical(base, copies, depth), index)
        case ir.Name(id=name) if name in copies and depth:
            return canonical(copies[name], copies, depth - 1)
        case _:
            return spelled(node) if is_place(node) else ""


def is_conversion(name: str) -> bool:
    """Tell whether a call of a name only gives another address or number of a page."""
    memory = kernel_names().memory
    return name in memory.converts or name in memory.keyed


def element(region: str, index: ir.Expr) -> str:
    """Give the text of a page in an array or a region, by its number; empty if that has none.

    What is reached by bytes is the page of the same number: `base + i * PAGE_SIZE` is `base[i]`.
    """
    match index:
        case ir.Cast(operand=operand):
            return element(region, operand)
        case ir.Binary(op="*", left=left, right=ir.Name(id="PAGE_SIZE")):
            return element(region, left)
        case ir.Binary(op="*", left=ir.Name(id="PAGE_SIZE"), right=right):
            return element(region, right)
        case ir.Binary(op="<<", left=left, right=ir.Name(id="PAGE_SHIFT")):
            return element(region, left)
        case _:
            number = spelled(index)
            return f"{region}[{number}]" if region and number else ""


def copies_of(body: ir.Body) -> Mapping[str, ir.Expr]:
    """Give the local variables that are set once, to something that stands for a page."""
    return _copies_of(body)


@lru_cache(maxsize=2048)
def _copies_of(body: ir.Body) -> dict[str, ir.Expr]:
    written = [pair for pair in _written(body) if not _is_step(pair[1])]
    count = Counter(name for name, _ in written)
    walked = {name for name, value in _written(body) if _is_step(value)}
    own = {node.name for node in ir.walk(body.block) if isinstance(node, ir.Declare)}
    once = ((name, value) for name, value in written if name in own and count[name] == 1)
    return {
        name: value
        for name, value in once
        if _stands_for(value) and (name not in walked or _is_address(value))
    }


def _is_address(node: ir.Expr) -> bool:
    """Tell whether an expression is the address of a page: what is reached from it lies in that."""
    while isinstance(node, ir.Cast):
        node = node.operand
    return isinstance(node, ir.Call)


def _is_step(node: ir.Expr) -> bool:
    """Tell whether a write moves a variable on from what it was."""
    return isinstance(node, ir.Unary) or (isinstance(node, ir.Assign) and node.op != "=")


def _written(body: ir.Body) -> Iterator[tuple[str, ir.Expr]]:
    for node in ir.walk(body.block):
        match node:
            case ir.Declare(name=name, initial=initial) if initial is not None:
                yield name, initial
            case ir.Assign(target=ir.Name(id=name), op="=", value=value):
                yield name, value
            case ir.Assign(target=ir.Name(id=name)):
                yield name, node
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


def written_registers(body: ir.Body, struct: str) -> frozenset[str]:
    """Give the registers of a struct that a function sets, in an initialiser or by themselves."""
    return frozenset(field for field, _ in _fields(body, struct))


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
