"""Which variables are worth remembering on a path: those by which it is decided again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.dataflow.actions import Test
from tdxreview.dataflow.cfg import Flow
from tdxreview.regex import regex

WORD = regex(r"[A-Za-z_]\w*")
CONSTANTS = frozenset({"true", "false", "NULL"})


def recurring(graph: Flow) -> frozenset[str]:
    """Return the names that conditions of a function ask for again, or that are set to constants.

    What is asked once and never set by hand decides nothing twice, and would only part paths.
    """
    asked = Counter(
        name
        for point in graph.points
        if isinstance(point.action, Test | ir.Switch)
        for name in _names(point.action.value)
    )
    flags = kept_in(graph, _is_constant)
    return frozenset(name for name, times in asked.items() if times > 1 or name in flags)


def kept_in(graph: Flow, kind: Callable[[ir.Expr], bool]) -> frozenset[str]:
    """Return the variables that a function sets to a value of some kind."""
    return frozenset(
        name
        for point in graph.points
        for name, value in _stores(point.action)
        if value is not None and kind(value)
    )


def _stores(action: object) -> list[tuple[str, ir.Expr | None]]:
    found: list[tuple[str, ir.Expr | None]] = []
    if isinstance(action, ir.Declare):
        found.append((action.name, action.initial))
    value = action.value if isinstance(action, ir.Evaluate | Test | ir.Return) else None
    for node in ir.walk(value) if value is not None else ():
        if isinstance(node, ir.Assign):
            target = node.target.field if isinstance(node.target, ir.Member) else ""
            target = node.target.id if isinstance(node.target, ir.Name) else target
            found.append((target, node.value))
    return found


def _is_constant(node: ir.Expr) -> bool:
    return isinstance(node, ir.Number) or (isinstance(node, ir.Name) and node.id in CONSTANTS)


def _names(node: ir.Expr) -> frozenset[str]:
    called = {each.name for each in ir.calls(node)}
    names = {each.id for each in ir.walk(node) if isinstance(each, ir.Name)}
    fields = {each.field for each in ir.walk(node) if isinstance(each, ir.Member)}
    return frozenset((names | fields) - called - CONSTANTS)


@lru_cache(maxsize=4096)
def words_in(text: str) -> frozenset[str]:
    """Return the identifiers of a canonical text."""
    return frozenset(WORD.findall(text))
