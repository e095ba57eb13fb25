"""Expressions run on a path: every way in which one can end, with what is known afterwards.

A value is a number, or one for each completion status, or only a sign. A call with several
outcomes splits the path, so that "it returned zero" and "VMX is on" stay together however the
result is stored, combined and tested; what is computed from a status does not split it, since
its value for each status is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Generic

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import pointed, spelled
from tdxreview.dataflow import values as numbers
from tdxreview.dataflow.assume import (
    ZERO_NUMBER,
    assigned,
    assuming,
    exposed,
    passes_on,
    place_value,
    truth_of,
)
from tdxreview.dataflow.choices import conditional, short
from tdxreview.dataflow.domains import signs
from tdxreview.dataflow.domains.signs import ANYTHING, Value
from tdxreview.dataflow.transfer import S, TangledError, Transfer, Ways
from tdxreview.kernel.names import kernel_names
from tdxreview.program.effort import MOST_WAYS
from tdxreview.regex import regex

ERRNO = regex(r"E[A-Z0-9]{2,}")
STEPS = frozenset(["++", "--", "p++", "p--"])
DEEPEST_EXPANSION = 6
"""Macros and `({ ... })` within each other are followed so deep."""


class Evaluator(Generic[S]):
    """Evaluates expressions; `transfer` says what a call, a store and a read do."""

    def __init__(self, transfer: Transfer[S]) -> None:
        self.transfer = transfer
        self.depth = 0

    def ways(self, node: ir.Expr, state: S) -> list[tuple[S, Value]]:
        """Return every end of an expression once; TangledError if there are too many."""
        return _apart(self.any(node, state))

    def tested(self, node: ir.Expr, state: S) -> Iterator[tuple[S, bool]]:
        """Yield every end of a condition with its truth, and what the truth says."""
        for after, value in self.ways(node, state):
            yield from self.sides(node, value, after)

    def sides(self, node: ir.Expr, value: Value, state: S) -> Iterator[tuple[S, bool]]:
        """Yield the sides of a condition that came to a value, with what each says.

        A side that contradicts what is known is no end.
        """
        asked = self.transfer.asked(node, value, state)
        decided = asked.truth(value)
        if decided is not None:
            yield asked, decided
            return
        for taken in (True, False):
            doubted = self.transfer.doubted(node, value, asked, taken=taken)
            if value.exact is not None:
                assumed = doubted.where(value, taken=taken)
            else:
                assumed = assuming(node, doubted, taken=taken)
            if not assumed.impossible:
                yield assumed, taken

    def parts(self, node: ir.Node, state: S) -> Ways[S]:
        """Run what stands in a node that is not understood, in the order of the text."""
        states = [state]
        for part in ir.children(node):
            ends = (
                after if value.exact is None else self.transfer.passed(part, value, after)
                for each in states
                for after, value in self.any(part, each)
            )
            states = list(dict.fromkeys(islice(ends, MOST_WAYS)))
        yield from ((each, ANYTHING) for each in states)

    def block(self, node: ir.Block, state: S) -> Ways[S]:
        """Run the statements of a `({ ... })` or of a macro: its value is that of the last."""
        self.depth += 1
        ways = [(state, ANYTHING)]
        for each in node.body if self.depth <= DEEPEST_EXPANSION else ():
            ways = _apart(end for before, _ in ways for end in list(self.any(each, before)))
        self.depth -= 1
        yield from ways

    def given(self, nodes: tuple[ir.Expr, ...], state: S) -> Iterator[tuple[S, tuple[Value, ...]]]:
        """Yield every end of some expressions that are evaluated one after the other."""
        ways: list[tuple[S, tuple[Value, ...]]] = [(state, ())]
        for node in nodes:
            ways = [
                (after, (*values, value))
                for middle, values in ways
                for after, value in self.ways(node, middle)
            ]
            if len(ways) > MOST_WAYS:
                raise TangledError(f"a call with more than {MOST_WAYS} ends of its arguments")
        yield from ways

    def declared(self, node: ir.Declare, state: S) -> Iterator[S]:
        """Yield the states after a declaration, wherever it stands."""
        if node.initial is None:
            yield self.transfer.begun(node, state.forgetting(node.name))
            return
        for after, value in self.ways(node.initial, state):
            name = ir.Name(node.span, node.name)
            before, result = self.transfer.lands(name, node.initial, value, after)
            yield self.transfer.begun(node, assigned(before, name, result))

    def any(self, node: ir.Node, state: S) -> Ways[S]:
        """Run an expression, or whatever expressions another node holds."""
        kind = _WAYS.get(type(node))
        yield from kind(self, node, state) if kind else self.parts(node, state)


def _apart(ends: Ways[S]) -> list[tuple[S, Value]]:
    """Return ends once each."""
    found = list(islice(ends, MOST_WAYS * MOST_WAYS))
    if len(found) > 1:
        found = list(dict.fromkeys(found))
    if len(found) > MOST_WAYS:
        raise TangledError(f"an expression with more than {MOST_WAYS} ends")
    return found


def _name(self: Evaluator[S], node: ir.Name, state: S) -> Ways[S]:
    known = state.value(node.id)
    if known is not ANYTHING:
        yield (self.transfer.read(node, state) if known.exact is not None else state), known
        return
    block = self.transfer.expanded(node)
    if block is not None:
        yield from self.block(block, state)
        return
    meant = self.transfer.meant(node)
    if meant is ANYTHING:
        meant = truth_of(node.id) or (signs.TRUE if ERRNO.fullmatch(node.id) else ANYTHING)
    yield state, meant


def _number(self: Evaluator[S], node: ir.Number, state: S) -> Ways[S]:
    meant = self.transfer.meant(node)
    if meant is ANYTHING:
        meant = signs.ZERO if ZERO_NUMBER.fullmatch(node.text) else signs.TRUE
    yield state, meant


def _string(self: Evaluator[S], node: ir.String, state: S) -> Ways[S]:
    del self, node
    yield state, signs.TRUE


def _place(self: Evaluator[S], node: ir.Expr, state: S) -> Ways[S]:
    for middle, _ in self.parts(node, state):
        after = self.transfer.read(node, middle)
        yield after, place_value(node, after)


def _cast(self: Evaluator[S], node: ir.Cast, state: S) -> Ways[S]:
    for after, value in self.ways(node.operand, state):
        result = numbers.converted(value, node.type)
        yield self.transfer.computed(node, (value,), result, after), result


def _declare(self: Evaluator[S], node: ir.Declare, state: S) -> Ways[S]:
    for after in self.declared(node, state):
        yield after, ANYTHING


def _evaluate(self: Evaluator[S], node: ir.Evaluate, state: S) -> Ways[S]:
    yield from self.ways(node.value, state)


def _statements(self: Evaluator[S], node: ir.StatementExpression, state: S) -> Ways[S]:
    yield from self.block(node.body, state)


def _if(self: Evaluator[S], node: ir.If, state: S) -> Ways[S]:
    for middle, taken in self.tested(node.test, state):
        branch = node.then if taken else node.other
        ends = self.any(branch, middle) if branch is not None else iter([(middle, ANYTHING)])
        yield from ((after, ANYTHING) for after, _ in ends)


def _unary(self: Evaluator[S], node: ir.Unary, state: S) -> Ways[S]:
    if node.op == "*":
        yield from _place(self, node, state)
        return
    for after, value in self.ways(node.operand, state):
        if node.op in STEPS:
            passed = self.transfer.passed(node.operand, value, after)
            yield assigned(passed, node.operand, ANYTHING), ANYTHING
            continue
        result = signs.TRUE if node.op == "&" else numbers.unary(node.op, value)
        yield self.transfer.computed(node, (value,), result, after), result


def _binary(self: Evaluator[S], node: ir.Binary, state: S) -> Ways[S]:
    if node.op in {"&&", "||"}:
        yield from short(self, node, state)
        return
    known = state.value(spelled(node))
    for middle, left in self.ways(node.left, state):
        for after, right in self.ways(node.right, middle):
            if node.op == ",":
                yield after, right
                continue
            value = numbers.binary(node.op, left, right)
            if value.exact is not None or left.exact is not None or right.exact is not None:
                yield self.transfer.computed(node, (left, right), value, after), value
                continue
            if node.op == "&" and "MASK" in spelled(node.right):
                value = left
            yield after, known if value.decided is None and known != ANYTHING else value


def _assign(self: Evaluator[S], node: ir.Assign, state: S) -> Ways[S]:
    for after, value in self.ways(node.value, state):
        result, before = value, after
        if node.op != "=":
            old = after.value(spelled(node.target))
            result = numbers.binary(node.op[:-1], old, value)
            before = self.transfer.read(node.target, after)
            before = self.transfer.computed(node, (old, value), result, before)
        landed, result = self.transfer.lands(node.target, node.value, result, before)
        yield assigned(self.transfer.stored(node, landed), node.target, result), result


def _call(self: Evaluator[S], node: ir.Call, state: S) -> Ways[S]:
    if node.name in kernel_names().calls.writes and len(node.arguments) > 1:
        store = ir.Assign(node.span, "=", pointed(node.arguments[0]), node.arguments[1])
        yield from _assign(self, store, state)
        return
    block = self.transfer.expanded(node)
    if block is not None:
        yield from self.block(block, state)
        return
    known = state.value(spelled(node))
    for before, values in self.given(node.arguments, state):
        middle = self.transfer.reached(node, before)
        stops = node.name in kernel_names().calls.stops
        if values and (stops or passes_on(node)):
            yield from _given_back(self, node, values, known, middle)
            continue
        if node.name in kernel_names().calls.reads and node.arguments:
            yield middle, place_value(pointed(node.arguments[0]), middle)
            continue
        for after, value in self.transfer.called(node, exposed(node, middle), values):
            told = any(each.tied for each in values) and value == ANYTHING
            yield after, Value(known.signs, tied=True) if told else _either(value, known)


def _given_back(
    self: Evaluator[S], node: ir.Call, values: tuple[Value, ...], known: Value, state: S
) -> Ways[S]:
    """Yield the end of a call that gives back its first argument, or stops where it is true."""
    result = values[0] if values[0] != ANYTHING else known
    if result.exact is not None and node.name in kernel_names().calls.warns:
        result = numbers.truth(result)
    after = self.transfer.computed(node, values, result, state)
    if node.name not in kernel_names().calls.stops:
        yield after, result
        return
    for side, taken in self.sides(node.arguments[0], values[0], after):
        if not taken:
            yield side, ANYTHING


def _either(value: Value, known: Value) -> Value:
    return known if value == ANYTHING else value


_WAYS: dict[type, Callable[..., Ways[Any]]] = {
    ir.Name: _name,
    ir.Number: _number,
    ir.String: _string,
    ir.Member: _place,
    ir.Index: _place,
    ir.Cast: _cast,
    ir.Unary: _unary,
    ir.Binary: _binary,
    ir.Assign: _assign,
    ir.Conditional: conditional,
    ir.Call: _call,
    ir.Declare: _declare,
    ir.Evaluate: _evaluate,
    ir.StatementExpression: _statements,
    ir.Block: lambda self, node, state: self.block(node, state),
    ir.If: _if,
}
