"""Pages and what stands for them: physical and virtual addresses, frame numbers, copies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import is_place, spelled

CONVERTS = re.compile(
    r"page_to_(?:phys|pfn|virt|hpa)|pfn_to_(?:page|hpa|phys)|phys_to_(?:page|pfn|virt)|virt_to_(?:page|phys|pfn)"
    r"|page_address|__?pa|__?va|PFN_PHYS|PHYS_PFN|set_hkid_to_hpa|page_folio|folio_page|READ_ONCE"
    r"|tdx_tdr_pa|pfn_valid|lower_32_bits"
)
KEYED = re.compile(r"mk_keyed_\w+")
SHIFTS = frozenset(["<<", ">>", "&", "|"])


def canonical(node: ir.Expr, copies: Mapping[str, ir.Expr], depth: int = 4) -> str:
    """Give one text for a page, whether by pointer, address or frame; empty if it has none."""
    match node:
        case ir.Cast(operand=operand):
            return canonical(operand, copies, depth)
        case ir.Call(arguments=(first, *_)) if CONVERTS.fullmatch(node.name):
            return canonical(first, copies, depth)
        case ir.Call(arguments=(_, second, *_)) if KEYED.fullmatch(node.name):
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
            return bool(CONVERTS.fullmatch(node.name) or KEYED.fullmatch(node.name))
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
