"""Which labels of a `switch` a value can come to."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.dataflow import values
from tdxreview.dataflow.assume import S, assigned, is_zero
from tdxreview.dataflow.cfg import Edge, Point
from tdxreview.dataflow.domains.signs import ANYTHING, Signs, Value
from tdxreview.dataflow.evaluate import Evaluator


def matched(
    point: Point, value: Value, state: S, evaluator: Evaluator[S]
) -> Iterator[tuple[Edge, S]]:
    """Yield the edges that a number takes, or one for each status, with what is left there."""
    rest: S | None = state
    for edge in sorted(point.edges, key=lambda edge: edge.is_default):
        if rest is None or rest.impossible:
            return
        if edge.is_default or edge.case is None or edge.case.value is None:
            yield edge, rest
            continue
        for after, label in evaluator.ways(edge.case.value, rest):
            open_ended = edge.case.last is not None
            same = ANYTHING if open_ended else values.binary("==", value, label)
            noted = evaluator.transfer.computed(edge.case, (value, label), same, after)
            if noted.truth(same) is not False:
                yield edge, noted.where(same, taken=True)
            rest = None if noted.truth(same) is True else noted.where(same, taken=False)


def switched(point: Point, node: ir.Expr, state: S, value: Value) -> Iterator[tuple[Edge, S]]:
    """Return the edges that a value may take, each with what its label says of the value."""
    zero_is_named = any(
        edge.case is not None and edge.case.value is not None and is_zero(edge.case.value)
        for edge in point.edges
    )
    for edge in point.edges:
        wanted = Signs.ANY
        if edge.case is not None and edge.case.value is not None:
            wanted = _case_signs(edge.case)
        elif zero_is_named:
            wanted = Signs.NONZERO
        if value.signs & wanted:
            yield edge, _assumed(node, state, value.only(wanted))


def _case_signs(case: ir.Case) -> Signs:
    value = case.value
    if value is not None and case.last is None:
        if is_zero(value):
            return Signs.ZERO
        if isinstance(value, ir.Unary) and value.op == "-":
            return Signs.NEGATIVE
    return Signs.ANY


def _assumed(node: ir.Expr, state: S, value: Value) -> S:
    target = node.target if isinstance(node, ir.Assign) else node
    return assigned(state, target, value) if isinstance(target, ir.Name) else state
