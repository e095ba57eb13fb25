"""Pages that are given to the module: whether their cache lines are flushed first."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.progress import FLUSHED
from tdxreview.facts.life.effects import flushes
from tdxreview.facts.life.models import Lives
from tdxreview.facts.life.needed import facts_of
from tdxreview.facts.life.schema import LifeStep, Order
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words_of
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

_MOST_SHOWN = 20
SIBLINGS = 2
"""So many functions that flush such a page themselves make it the way of the file."""


def gifts_of(lives: Lives, function: Function) -> Iterator[LifeStep]:
    """Give the calls of a function that give a page to the module, where the leaf is named."""
    calls = list(ir.calls(function.body.block))
    gifts = [(call, leaf) for call in calls if (leaf := gift(lives, call, function.path))]
    flushes = [each for each in calls if _flushes(lives, each, function)] if gifts else []
    for call, leaf in gifts:
        yield _gift(lives, function, call, leaf, flushes)


def gift(lives: Lives, call: ir.Call, path: str) -> str:
    """Give the leaf of a call that gives the module a page, empty if it is none.

    Calls of a wrapper that is named after the leaf are not meant: it is its duty to flush.
    """
    if not call.name or call.name.strip("_").startswith("tdh_"):
        return ""
    leaf = lives.program.abi.leaf_of_name.get(lives.leaf_of(call, path))
    return leaf.name if leaf is not None and leaf.gives else ""


def _gift(
    lives: Lives, function: Function, call: ir.Call, leaf: str, flushes: list[ir.Call]
) -> LifeStep:
    order = _order(lives, function, call, flushes)
    steps: tuple[Step, ...] = tuple(
        function.step(each.span, f"{each.name}() flushes") for each in flushes[:_MOST_SHOWN]
    )
    steps = (*steps, function.step(call.span, f"{call.name}() does {leaf}: {SAID[order]}"))
    return LifeStep(
        place=function.place(call.span),
        function=function.name,
        partial=function.partial,
        callee=call.name,
        leaf=leaf,
        needs_what="a flush of the page's cache lines",
        **facts_of(order),
        needs=FLUSHED,
        evidence=(("needed", steps),),
    )


SAID = {
    Order.KEPT: "the page's cache lines are flushed",
    Order.EARLY: "the page's cache lines are flushed too late",
    Order.SKIPPED: "its cache lines are not flushed, as for every other page in this file",
    Order.NOWHERE: "its cache lines are not flushed here",
    Order.UNKNOWN: "whether its cache lines are flushed cannot be told",
}


def _order(lives: Lives, function: Function, call: ir.Call, flushes: list[ir.Call]) -> Order:
    at = (call.span.line, call.span.column)
    before = [each for each in flushes if (each.span.line, each.span.column) < at]
    if before:
        return Order.KEPT
    if flushes:
        return Order.UNKNOWN if function.body.damaged else Order.EARLY
    if not function.text.head:
        return Order.UNKNOWN
    if _flushed_by_callers(lives, function):
        return Order.KEPT
    return Order.SKIPPED if _flushing_siblings(lives, function) >= SIBLINGS else Order.NOWHERE


def _flushes(lives: Lives, call: ir.Call, function: Function) -> bool:
    if not call.name or call.name == function.name:
        return False
    if flushes(call.name):
        return True
    inner = lives.function(call.name, function.path)
    return inner is not None and _has_flush(inner)


def _has_flush(function: Function) -> bool:
    return any(word in kernel_names().caches.flushes_page for word in words_of(function))


def _flushed_by_callers(lives: Lives, function: Function) -> bool:
    return any(function.name in words_of(each) and _has_flush(each) for each in lives.functions())


def _flushing_siblings(lives: Lives, function: Function) -> int:
    return sum(
        1
        for each in lives.functions()
        if each.path == function.path
        and each.name != function.name
        and _has_flush(each)
        and any(gift(lives, call, each.path) for call in ir.calls(each.body.block))
    )
