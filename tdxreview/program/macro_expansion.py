"""Calls of macros replaced by what the macros say."""

from collections.abc import Mapping
from typing import Any

from tdxreview.cfront import ir
from tdxreview.cfront import parser as syntax
from tdxreview.program.meaning import MacroName

REST = "__VA_ARGS__"


def expanded(macro: MacroName, given: tuple[ir.Expr, ...], span: ir.Span) -> ir.Block:
    """Give a macro's body with the arguments in place; what is the macro's own gets `span`."""
    names = macro.parameters or ()
    known: dict[str, tuple[ir.Expr, ...]] = {
        name: (value,) for name, value in zip(names, given, strict=False)
    }
    if names and names[-1].endswith("..."):
        rest = names[-1].removesuffix("...") or REST
        known[rest] = given[len(names) - 1 :]
    body = syntax.macro_body(macro.text, macro.at)
    block = _replaced(body.block, known, span)
    return block if isinstance(block, ir.Block) else body.block


def _replaced(node: Any, known: Mapping[str, tuple[ir.Expr, ...]], span: ir.Span) -> Any:
    if isinstance(node, ir.Name) and len(known.get(node.id, ())) == 1:
        return known[node.id][0]
    if isinstance(node, tuple):
        return tuple(each for item in node for each in _spliced(item, known, span))
    if not isinstance(node, ir.PARSED):
        return span if isinstance(node, ir.Span) else node
    return type(node)(
        *(_replaced(getattr(node, name), known, span) for name in node.__struct_fields__)
    )


def _spliced(item: Any, known: Mapping[str, tuple[ir.Expr, ...]], span: ir.Span) -> tuple[Any, ...]:
    if isinstance(item, ir.Name) and item.id in known:
        return known[item.id]
    return (_replaced(item, known, span),)
