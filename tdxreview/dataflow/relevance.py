"""Which variables hold a step's result, and which tests let a failure through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import is_place, spelled
from tdxreview.dataflow.assume import is_zero
from tdxreview.dataflow.domains.signs import ZERO, Value, negated
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

STILL_FAILED = regex(r"(?i)\w*(?:busy|retry|interrupt|resum|entropy|contend)\w*")
"""Predicates on a status: where they hold, something is done about it; else it failed still."""
WORKED = regex(r"(?i)\w*(?:success|_ok)\b\w*")


def told_by(node: ir.Call, values: tuple[Value, ...]) -> Value:
    """Give what is known of a call's value by its arguments: warnings pass on their first."""
    if values and node.name in kernel_names().calls.warns:
        return values[0]
    if values and WORKED.fullmatch(node.name):
        return negated(values[0])
    if STILL_FAILED.fullmatch(node.name) and any(v.tied and v.decided is False for v in values):
        return ZERO
    return Value(tied=any(value.tied for value in values))


def admits(node: ir.Expr, *, taken: bool) -> bool:
    """Tell whether this side of a test of a result may let a failure through on purpose.

    `err == TDX_KEY_CONFIGURED` may be as good as success; where it is anything else, it failed.
    """
    match node:
        case ir.Unary(op="!", operand=operand):
            return admits(operand, taken=not taken)
        case ir.Binary(op="==" | "!=" as op):
            return taken is (op == "==")
        case ir.Call(name=name) if STILL_FAILED.fullmatch(name):
            return taken
        case _:
            return True


def asks(node: ir.Expr) -> bool:
    """Tell whether a test asks a function that is not known to be about failures only."""
    while isinstance(node, ir.Unary) and node.op == "!":
        node = node.operand
    return isinstance(node, ir.Call) and not STILL_FAILED.fullmatch(node.name)


def kept_texts(body: ir.Body, steps: frozenset[ir.Span]) -> frozenset[str]:
    """Give the variables that hold a step's result or a copy of it, and repeated conditions."""
    written = list(_written(body))
    kept: set[str] = set()
    for _ in range(3):
        kept |= {
            text
            for text, value in written
            if any(_tells(node, steps, kept) for node in ir.walk(value))
        }
    return frozenset(kept) | _repeated(body)


def _tells(node: ir.Node, steps: frozenset[ir.Span], kept: set[str]) -> bool:
    if isinstance(node, ir.Call):
        return node.span in steps
    return isinstance(node, ir.Name) and node.id in kept


def _written(body: ir.Body) -> Iterator[tuple[str, ir.Expr]]:
    for node in ir.walk(body.block):
        match node:
            case ir.Declare(name=name, initial=initial) if initial is not None:
                yield name, initial
            case ir.Assign(target=target, value=value):
                yield spelled(target), value


def _repeated(body: ir.Body) -> frozenset[str]:
    tests = [node.test for node in ir.walk(body.block) if isinstance(node, ir.If)]
    count = Counter(spelled(each) for test in tests for each in _conditions(test))
    return frozenset(text for text, times in count.items() if text and times > 1)


def _conditions(node: ir.Expr) -> Iterator[ir.Expr]:
    match node:
        case ir.Unary(op="!", operand=operand):
            yield from _conditions(operand)
        case ir.Binary(op="&&" | "||", left=left, right=right):
            yield from _conditions(left)
            yield from _conditions(right)
        case ir.Binary(op="==" | "!=", left=left, right=right) if is_zero(right):
            yield left
        case _ if is_place(node) or isinstance(node, ir.Binary):
            yield node
