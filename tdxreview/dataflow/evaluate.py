"""Expressions run on a path: every way in which one can end, with what is known afterwards.

Only signs are computed, but a call with several outcomes splits the path, so that "it returned
zero" and "VMX is on" stay together however the result is stored, combined and tested.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import pointed, spelled
from tdxreview.dataflow.assume import (
    ZERO_NUMBER,
    assigned,
    assuming,
    exposed,
    passes_on,
    place_value,
    truth_of,
)
from tdxreview.dataflow.domains import signs
from tdxreview.dataflow.domains.signs import ANYTHING, Signs, Value
from tdxreview.dataflow.environment import Environment
from tdxreview.kernel.names import kernel_names
from tdxreview.program.effort import MOST_WAYS

S = TypeVar("S", bound=Environment)
Ways = Iterator[tuple[S, Value]]


class Transfer(Protocol[S]):
    """What a domain says of what happens in an expression."""

    def reached(self, node: ir.Call, state: S) -> S:
        """Return the state before a call, also of one that only gives back what it is given."""

    def called(self, node: ir.Call, state: S, values: tuple[Value, ...]) -> Ways[S]:
        """Yield every end of a call whose arguments have been evaluated."""

    def stored(self, node: ir.Assign, state: S) -> S:
        """Return the state before a variable, member or such gets its value."""

    def begun(self, node: ir.Declare, state: S) -> S:
        """Return the state once a variable is declared, its initialiser evaluated."""

    def read(self, node: ir.Expr, state: S) -> S:
        """Return the state after a place in memory was read."""

    def doubted(self, node: ir.Expr, value: Value, state: S, *, taken: bool) -> S:
        """Return the state on a side of a condition that is not decided."""


ERRNO = re.compile(r"E[A-Z0-9]{2,}")


class TangledError(Exception):
    """Code with too many paths to follow; nothing is claimed of it."""


class Evaluator(Generic[S]):
    """Evaluates expressions; `transfer` says what a call, a store and a read do."""

    def __init__(self, transfer: Transfer[S]) -> None:
        self.transfer = transfer

    def ways(self, node: ir.Expr, state: S) -> Ways[S]:
        """Yield every end of an expression once; TangledError if there are too many."""
        found = dict.fromkeys(self.any(node, state))
        if len(found) > MOST_WAYS:
            raise TangledError(f"an expression with more than {MOST_WAYS} ends")
        yield from found

    def tested(self, node: ir.Expr, state: S) -> Iterator[tuple[S, bool]]:
        """Yield every end of a condition with its truth, and what the truth says.

        A side that contradicts what is known is no end.
        """
        for after, value in self.ways(node, state):
            if value.decided is not None:
                yield after, value.decided
                continue
            for taken in (True, False):
                doubted = self.transfer.doubted(node, value, after, taken=taken)
                assumed = assuming(node, doubted, taken=taken)
                if not assumed.impossible:
                    yield assumed, taken

    def parts(self, node: ir.Node, state: S) -> Ways[S]:
        """Run what stands in a node that is not understood, in the order of the text."""
        states = [state]
        for part in ir.children(node):
            ends = (after for each in states for after, _ in self.any(part, each))
            states = list(dict.fromkeys(islice(ends, MOST_WAYS)))
        yield from ((each, ANYTHING) for each in states)

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
            name = ir.Name(node.initial.span, node.name)
            yield self.transfer.begun(node, assigned(after, name, value))

    def any(self, node: ir.Node, state: S) -> Ways[S]:
        """Run an expression, or whatever expressions another node holds."""
        kind = _WAYS.get(type(node))
        yield from kind(self, node, state) if kind else self.parts(node, state)


def _name(self: Evaluator[S], node: ir.Name, state: S) -> Ways[S]:
    del self
    if (truth := truth_of(node.id)) is not None:
        yield state, truth
    elif ERRNO.fullmatch(node.id):
        yield state, signs.TRUE
    else:
        yield state, state.value(node.id)


def _number(self: Evaluator[S], node: ir.Number, state: S) -> Ways[S]:
    del self
    yield state, signs.ZERO if ZERO_NUMBER.fullmatch(node.text) else signs.TRUE


def _string(self: Evaluator[S], node: ir.String, state: S) -> Ways[S]:
    del self, node
    yield state, signs.TRUE


def _place(self: Evaluator[S], node: ir.Expr, state: S) -> Ways[S]:
    for after, _ in self.parts(node, state):
        yield self.transfer.read(node, after), place_value(node, after)


def _cast(self: Evaluator[S], node: ir.Cast, state: S) -> Ways[S]:
    for after, value in self.ways(node.operand, state):
        yield after, signs.truth(value) if node.type == "bool" else value


def _declare(self: Evaluator[S], node: ir.Declare, state: S) -> Ways[S]:
    for after in self.declared(node, state):
        yield after, ANYTHING


def _unary(self: Evaluator[S], node: ir.Unary, state: S) -> Ways[S]:
    if node.op == "*":
        yield from _place(self, node, state)
        return
    for after, value in self.ways(node.operand, state):
        match node.op:
            case "!":
                yield after, signs.negated(value)
            case "-":
                yield after, signs.opposite(value)
            case "&":
                yield after, signs.TRUE
            case "++" | "--" | "p++" | "p--":
                yield after.knowing(spelled(node.operand), ANYTHING), ANYTHING
            case _:
                yield after, Value(Signs.ANY, value.tied)


def _binary(self: Evaluator[S], node: ir.Binary, state: S) -> Ways[S]:
    if node.op in {"&&", "||"}:
        yield from _short(self, node, state)
        return
    known = state.value(spelled(node))
    for middle, left in self.ways(node.left, state):
        for after, right in self.ways(node.right, middle):
            if node.op == ",":
                value = right
            elif node.op == "&" and "MASK" in spelled(node.right):
                value = left
            elif node.op in signs.WANTED:
                value = signs.compared(node.op, left, right)
            else:
                value = signs.combined(node.op, left, right)
            yield after, known if value.decided is None and known != ANYTHING else value


def _short(self: Evaluator[S], node: ir.Binary, state: S) -> Ways[S]:
    stops = node.op == "||"
    for middle, taken in self.tested(node.left, state):
        if taken is stops:
            yield middle, signs.TRUE if stops else signs.ZERO
            continue
        for after, right in self.tested(node.right, middle):
            yield after, signs.TRUE if right else signs.ZERO


def _assign(self: Evaluator[S], node: ir.Assign, state: S) -> Ways[S]:
    target = spelled(node.target)
    for after, value in self.ways(node.value, state):
        result, before = value, after
        if node.op != "=":
            result = signs.combined(node.op[:-1], after.value(target), value)
            before = self.transfer.read(node.target, after)
        yield assigned(self.transfer.stored(node, before), node.target, result), result


def _conditional(self: Evaluator[S], node: ir.Conditional, state: S) -> Ways[S]:
    if node.then is None:
        for after, value in self.ways(node.test, state):
            if value.decided is not False:
                yield after, value.only(Signs.NONZERO)
            if value.decided is not True:
                yield from self.ways(node.other, assuming(node.test, after, taken=False))
        return
    for middle, taken in self.tested(node.test, state):
        yield from self.ways(node.then if taken else node.other, middle)


def _call(self: Evaluator[S], node: ir.Call, state: S) -> Ways[S]:
    known = state.value(spelled(node))
    for before, values in self.given(node.arguments, state):
        middle = self.transfer.reached(node, before)
        if node.name in kernel_names().calls.stops and node.arguments:
            if values[0].decided is not True:
                yield assuming(node.arguments[0], middle, taken=False), ANYTHING
            continue
        if passes_on(node) and values:
            yield middle, values[0] if values[0] != ANYTHING else known
            continue
        if node.name in kernel_names().calls.reads and node.arguments:
            yield middle, place_value(pointed(node.arguments[0]), middle)
            continue
        for after, value in self.transfer.called(node, exposed(node, middle), values):
            told = any(each.tied for each in values) and value == ANYTHING
            yield after, Value(known.signs, tied=True) if told else _either(value, known)


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
    ir.Conditional: _conditional,
    ir.Call: _call,
    ir.Declare: _declare,
}
