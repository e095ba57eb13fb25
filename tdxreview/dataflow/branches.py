"""Which side of an `if` an operand of its condition leads to, and how a path leaves that side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.dataflow.cleanup import is_work
from tdxreview.kernel.names import kernel_names

JUMPS = (ir.Goto, ir.Break, ir.Return)
SAYS = ("pr_", "print", "dump_", "_err", "_warn")


class Side(Struct, frozen=True):
    """One side of an `if`: where it is, how it leaves what comes next, whether it prints."""

    span: ir.Span
    jump: ir.Goto | ir.Break | ir.Return | None
    says: bool


class Fork(Struct, frozen=True):
    """An `if` whose condition an operand is part of; a side that is empty is None."""

    test: ir.Expr
    then: Side
    other: Side | None

    def side(self, operand: ir.Span, *, taken: bool) -> Side | None:
        """Give the side to which an operand that is true or false leads for sure."""
        result = _result(self.test, operand, taken=taken)
        return None if result is None else self.then if result else self.other


@lru_cache(maxsize=4096)
def forks(body: ir.Body) -> Mapping[ir.Span, Fork]:
    """Give the forks of a body by the place of each operand of their conditions."""
    found: dict[ir.Span, Fork] = {}
    for node in ir.nodes(body):
        if isinstance(node, ir.Block):
            for at, each in enumerate(node.body):
                if isinstance(each, ir.If):
                    found |= _forked(each, _rest(each, node.body[at + 1 :]))
        else:
            for child in ir.children(node):
                if isinstance(child, ir.If):
                    found |= _forked(child, None)
    return found


def prints(name: str) -> bool:
    """Tell whether a call only tells people something."""
    known = kernel_names().calls
    return name in known.prints or name in known.warns or any(word in name for word in SAYS)


def _forked(node: ir.If, rest: Side | None) -> Mapping[ir.Span, Fork]:
    fork = Fork(node.test, _side(node.then), _side(node.other) if node.other else rest)
    return {operand.span: fork for operand in _operands(node.test)}


def _rest(node: ir.If, behind: Sequence[ir.Stmt]) -> Side | None:
    """Give what follows an `if` that has left, where it only cleans up and leaves as well."""
    last = node.then.body[-1] if isinstance(node.then, ir.Block) and node.then.body else node.then
    if not isinstance(last, (*JUMPS, ir.Continue)):
        return None
    for at, each in enumerate(behind):
        if isinstance(each, JUMPS):
            says = any(prints(call.name) for one in behind[:at] for call in ir.calls(one))
            return Side(_around(behind[0], each), each, says)
        if isinstance(each, ir.Label) and at:
            return Side(_around(behind[0], behind[at - 1]), None, says=True)
        if not isinstance(each, ir.Evaluate) or is_work(each):
            return None
    return None


def _around(first: ir.Stmt, last: ir.Stmt) -> ir.Span:
    return ir.Span(first.span.line, 0, last.span.end_line, last.span.end_column)


def _side(node: ir.Stmt) -> Side:
    statements = node.body if isinstance(node, ir.Block) else (node,)
    jump = next((each for each in reversed(statements) if isinstance(each, JUMPS)), None)
    says = any(prints(call.name) for each in statements for call in _said(each))
    return Side(node.span, jump, says)


def _said(node: ir.Stmt) -> Iterator[ir.Call]:
    """Give the calls of a statement that stands for itself."""
    if isinstance(node, ir.Evaluate):
        yield from ir.calls(node)


def _operands(node: ir.Expr) -> Iterator[ir.Expr]:
    """Give the operands that the graph of a function tests one by one."""
    match node:
        case ir.Unary(op="!", operand=operand):
            yield from _operands(operand)
        case ir.Binary(op="&&" | "||", left=left, right=right):
            yield from _operands(left)
            yield from _operands(right)
        case ir.Call(arguments=(first, *_)) if node.name in kernel_names().calls.transparent:
            yield from _operands(first)
        case _:
            yield node


def _result(node: ir.Expr, operand: ir.Span, *, taken: bool) -> bool | None:
    """Give the truth of a condition by one operand, None if others decide."""
    match node:
        case ir.Unary(op="!", operand=inner):
            found = _result(inner, operand, taken=taken)
            return None if found is None else not found
        case ir.Binary(op="&&" | "||" as op, left=left, right=right):
            decisive = op == "||"
            found = _result(left, operand, taken=taken)
            last = _result(right, operand, taken=taken)
            return last if last is not None else found if found is decisive else None
        case ir.Call(arguments=(first, *_)) if node.name in kernel_names().calls.transparent:
            return _result(first, operand, taken=taken)
        case _:
            return taken if node.span == operand else None
