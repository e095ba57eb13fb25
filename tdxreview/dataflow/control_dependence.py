"""Whether two conditions may be two sides of one thing, so that a path may not exist."""

from __future__ import annotations

import re
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import names
from tdxreview.dataflow.actions import Test
from tdxreview.dataflow.cfg import Flow, flow
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

ALREADY = regex(
    r"enabled|inited|initiali[sz]ed|ready|active|count|users|refs?\b|online|cpumask|_on\b|"
    r"\bon\b|done|present|vmx|virt|once|already|state",
    re.IGNORECASE,
)
"""A condition with such a name may say that VMX is on already."""


@lru_cache(maxsize=2048)
def _reachable(graph: Flow, start: int) -> frozenset[int]:
    reached: set[int] = set()
    todo = [start]
    while todo:
        at = todo.pop()
        if at not in reached:
            reached.add(at)
            todo.extend(edge.target for edge in graph.points[at].edges)
    return frozenset(reached)


def point_of(graph: Flow, span: ir.Span) -> int | None:
    """Give the point that a place of the body belongs to."""
    for index, point in enumerate(graph.points):
        own = getattr(point.action, "span", None) or getattr(
            getattr(point.action, "value", None), "span", None
        )
        if own is not None and _within(span, own) and not isinstance(point.action, ir.ForEach):
            return index
    return None


def _within(inner: ir.Span, outer: ir.Span) -> bool:
    begin = (outer.line, outer.column) <= (inner.line, inner.column)
    return begin and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def related(graph: Flow, event: ir.Span, site: ir.Span) -> bool:
    """Tell whether a condition between the two was not made there, and decides on the site.

    Such a condition (a flag, a parameter) may well be known to exclude what happened before.
    """
    first, last = point_of(graph, event), point_of(graph, site)
    if first is None or last is None:
        return True
    behind = _reachable(graph, first)
    changed = _assigned_in(graph, behind)
    return any(
        isinstance(point.action, Test)
        and index in behind
        and index != first
        and last in _reachable(graph, index)
        and any(last not in _reachable(graph, edge.target) for edge in point.edges)
        and names(point.action.value).isdisjoint(changed)
        for index, point in enumerate(graph.points)
    )


def guarded_by_state(graph: Flow, event: ir.Span) -> bool:
    """Tell whether what happens at a place depends on a condition that may tell of VMX."""
    at = point_of(graph, event)
    return at is None or any(
        isinstance(point.action, Test)
        and index != at
        and at in _reachable(graph, index)
        and any(at not in _reachable(graph, edge.target) for edge in point.edges)
        and any(map(_of_vmx, names(point.action.value)))
        for index, point in enumerate(graph.points)
    )


@lru_cache(maxsize=4096)
def decides_on(body: ir.Body, site: ir.Span) -> bool:
    """Tell whether a condition decides on whether a path comes to a place."""
    graph = flow(body)
    last = point_of(graph, site)
    return last is None or any(
        isinstance(point.action, Test | ir.Switch)
        and index != last
        and last in _reachable(graph, index)
        and any(last not in _reachable(graph, edge.target) for edge in point.edges)
        for index, point in enumerate(graph.points)
    )


@lru_cache(maxsize=4096)
def asks_of(body: ir.Body, site: ir.Span, asked: frozenset[str]) -> bool:
    """Tell whether a condition that mentions one of some names decides on a place."""
    graph = flow(body)
    last = point_of(graph, site)
    return last is None or any(
        isinstance(point.action, Test | ir.Switch)
        and index != last
        and not names(point.action.value).isdisjoint(asked)
        and last in _reachable(graph, index)
        and any(last not in _reachable(graph, edge.target) for edge in point.edges)
        for index, point in enumerate(graph.points)
    )


def _of_vmx(name: str) -> bool:
    return bool(ALREADY.search(name)) and name not in kernel_names().calls.of_the_machine


def _assigned_in(graph: Flow, points: frozenset[int]) -> frozenset[str]:
    found: set[str] = set()
    for index in points:
        action = graph.points[index].action
        node = action.value if isinstance(action, Test) else action
        if not isinstance(node, ir.PARSED):
            continue
        for each in ir.walk(node):
            if isinstance(each, ir.Assign):
                found |= names(each.target)
            elif isinstance(each, ir.Declare):
                found.add(each.name)
            elif isinstance(each, ir.Unary) and each.op in {"&", "++", "--", "p++", "p--"}:
                found |= names(each.operand)
            elif isinstance(each, ir.Call):
                found.add(each.name)
    return frozenset(found)
