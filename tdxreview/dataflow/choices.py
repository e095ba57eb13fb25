"""`&&`, `||` and `?:`, which evaluate a part of what stands in them.

They split the path, so that each knows why it came there. What depends on one status does not:
its value for each of them is known.
"""

from __future__ import annotations

from tdxreview.cfront import ir
from tdxreview.dataflow import values as numbers
from tdxreview.dataflow.domains import signs, status_value
from tdxreview.dataflow.domains.signs import ANYTHING, Signs, Value
from tdxreview.dataflow.transfer import Running, S, Ways


def short(run: Running[S], node: ir.Binary, state: S) -> Ways[S]:
    """Yield the ends of `a && b` and `a || b`."""
    stops = node.op == "||"
    for middle, left in run.ways(node.left, state):
        together = _together(run, node, left, middle)
        if together:
            yield from together
            continue
        for each, taken in run.sides(node.left, left, middle):
            if taken is stops:
                yield each, signs.TRUE if stops else signs.ZERO
                continue
            yield from _last(run, node.right, each)


def _last(run: Running[S], node: ir.Expr, state: S) -> Ways[S]:
    """Yield the ends of the operand that decides; a status' truth does not split the path."""
    for after, value in run.ways(node, state):
        if numbers.vector_of(value) is not None:
            yield run.transfer.asked(node, value, after), numbers.truth(value)
            continue
        for side, right in run.sides(node, value, after):
            yield side, signs.TRUE if right else signs.ZERO


def _together(run: Running[S], node: ir.Binary, left: Value, state: S) -> list[tuple[S, Value]]:
    """Return the ends of `a && b` on one status: one for all statuses; none if it is of others."""
    vector = numbers.vector_of(left)
    if vector is None:
        return []
    asked = run.transfer.asked(node.left, left, state)
    narrowed = asked.where(left, taken=node.op == "&&")
    if narrowed.impossible:
        return [(asked, numbers.truth(left))]
    found = []
    for after, right in run.ways(node.right, narrowed):
        other = numbers.vector_of(right)
        result = numbers.binary(node.op, left, right)
        if result.exact is None or (other is not None and other.origin != vector.origin):
            return []
        noted = run.transfer.asked(node.right, right, after)
        found.append((noted.limited(vector.origin, asked.statuses(vector.origin)), result))
    return found


def conditional(run: Running[S], node: ir.Conditional, state: S) -> Ways[S]:
    """Yield the ends of `a ? b : c` and `a ?: c`."""
    for middle, test in run.ways(node.test, state):
        chosen = _chosen(run, node, test, middle)
        if chosen:
            yield from chosen
            continue
        for after, taken in run.sides(node.test, test, middle):
            if taken and node.then is None:
                yield after, test.only(Signs.NONZERO)
                continue
            side, other = (node.then, node.other) if taken else (node.other, node.then)
            before = _passed_over(run, other, after)
            yield from run.ways(side, before) if side is not None else [(before, ANYTHING)]


def _passed_over(run: Running[S], node: ir.Expr | None, state: S) -> S:
    """Return the state after a choice did not fall on a variable: it was looked at all the same."""
    value = state.value(node.id) if isinstance(node, ir.Name) else ANYTHING
    return state if node is None or value.exact is None else run.transfer.asked(node, value, state)


def _chosen(run: Running[S], node: ir.Conditional, test: Value, state: S) -> list[tuple[S, Value]]:
    """Return the end of a choice by a status where its sides are plain: a number for each status.

    None if the sides do more, or are about another status; the choice splits the path then.
    """
    vector, sides = numbers.vector_of(test), (node.then, node.other)
    if vector is None or not all(side is not None and _is_plain(side) for side in sides):
        return []
    after = run.transfer.asked(node.test, test, state)
    left, found = after.statuses(vector.origin), []
    for side, taken in ((node.then, True), (node.other, False)):
        narrowed = after.where(test, taken=taken)
        ways = run.ways(side, narrowed) if side is not None else []
        if len(ways) != 1:
            return []
        found.append(ways[0][1].exact)
        after = ways[0][0].limited(vector.origin, left)
    exact = status_value.chosen(vector, *found)
    return [(after, numbers.known(exact))] if exact is not None else []


def _is_plain(node: ir.Expr) -> bool:
    """Tell whether an expression does nothing but compute a value."""
    return not any(
        isinstance(each, ir.Call | ir.Assign | ir.Conditional | ir.StatementExpression)
        for each in ir.walk(node)
    )
