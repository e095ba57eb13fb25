"""What the condition of a loop asks of a status, and with which the loop goes round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.status_uses import Event, Happening
from tdxreview.kernel.statuses import Universe

ASKING = frozenset({Happening.COMPARED, Happening.BITS, Happening.SIGN})


def compared_by(test: ir.Expr | None, events: Iterable[Event]) -> tuple[Event, ...]:
    """Return how the condition of a loop compares a status, if it does nothing else with it.

    A loop further out goes round for the next page or CPU, and is no retry of this one's.
    """
    if test is None or any(isinstance(n, ir.Unary) and n.op == "!" for n in ir.walk(test)):
        return ()
    asked = tuple(e for e in events if e.what in ASKING and covers(test.span, e.span))
    plain = all(each.what is Happening.COMPARED for each in asked)
    spans = [each.span for each in asked]
    return asked if plain and all(any(map(spans.count, _spans(n))) for n in _ors(test)) else ()


def going_round(asked: Iterable[Event], universe: Universe) -> int:
    """Return the statuses with which a loop goes round again."""
    found = 0
    for event in asked:
        found |= event.true_for if event.target == "==" else universe.full & ~event.true_for
    return found


def _ors(test: ir.Expr) -> Iterator[ir.Expr]:
    """Yield the sides of every `||` in a test."""
    for node in ir.walk(test):
        if isinstance(node, ir.Binary) and node.op == "||":
            yield from (node.left, node.right)


def _spans(node: ir.Expr) -> list[ir.Span]:
    return [each.span for each in ir.walk(node)]


def covers(outer: ir.Span, inner: ir.Span) -> bool:
    """Tell whether a place is within another."""
    start = (outer.line, outer.column) <= (inner.line, inner.column)
    return start and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
