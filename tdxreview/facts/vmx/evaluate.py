"""Expressions run on a path: every way in which one can end, with what is known afterwards.

Only signs are computed, but a call with several outcomes splits the path, so that "it returned
zero" and "VMX is on" stay together however the result is stored, combined and tested.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from tdxreview.facts import ir
from tdxreview.facts.vmx import signs
from tdxreview.facts.vmx.power import Power, State
from tdxreview.facts.vmx.signs import ANYTHING, Signs, Value
from tdxreview.facts.vmx.spelling import is_place, names, spelled

Ways = Iterator[tuple[State, Value]]
Calls = Callable[[ir.Call, State, tuple[Value, ...]], Ways]
"""What happens at a call whose arguments have been evaluated."""

TRANSPARENT = frozenset(
    ["likely", "unlikely", "READ_ONCE", "WARN_ON", "WARN_ON_ONCE", "WARN", "WARN_ONCE",
     "KVM_BUG_ON", "__builtin_expect", "xchg", "atomic_read"]
)  # fmt: skip
"""Calls that give back their first argument, at least its truth."""
STOPPING = frozenset(["BUG_ON", "VM_BUG_ON"])
ERRNO = re.compile(r"E[A-Z0-9]{2,}")
TRUTHS = {"true": signs.TRUE, "false": signs.ZERO, "NULL": signs.ZERO}
ZERO_NUMBER = re.compile(r"0[xX]?0*[uUlL]*")
TELLING = re.compile(
    r"VMXE|vmx_?on\b|vmxon|vmx_(?:is_)?(?:on|enabled|active)|hardware_enabled|usage_count"
    r"|nr_users|virt\w{0,40}_(?:on|enabled|active)"
)
"""A condition with such a name may tell whether VMX is on."""


class Evaluator:
    """Evaluates expressions; `calls` says what a call does."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def ways(self, node: ir.Expr, state: State) -> Ways:
        """Give every end of an expression."""
        kind = _WAYS.get(type(node))
        if kind is not None:
            yield from kind(self, node, state)
        else:
            yield from self._parts(node, state)

    def tested(self, node: ir.Expr, state: State) -> Iterator[tuple[State, bool]]:
        """Give every end of a condition with its truth, and what the truth says."""
        for after, value in self.ways(node, state):
            if value.decided is not None:
                yield after, value.decided
                continue
            for taken in (True, False):
                shaken = _shaken(node, value, after, taken=taken)
                yield assuming(node, shaken, taken=taken), taken

    def _parts(self, node: ir.Expr, state: State) -> Ways:
        """Run what stands in an expression that is not understood, in the order of the text."""
        states = [state]
        for part in ir.children(node):
            if isinstance(part, ir.Item):
                part = part.value
            if isinstance(part, ir.Evaluate | ir.Declare):
                inner = part.value if isinstance(part, ir.Evaluate) else part.initial
                part = inner if inner is not None else ir.Number(part.span, "0")
            states = [after for each in states for after, _ in self._any(part, each)]
        yield from ((each, ANYTHING) for each in states)

    def _any(self, node: ir.Node, state: State) -> Ways:
        if isinstance(node, EXPRESSIONS):
            yield from self.ways(node, state)
        else:
            yield from self._parts(node, state)  # type: ignore[arg-type]

    def _name(self, node: ir.Name, state: State) -> Ways:
        if node.id in TRUTHS:
            yield state, TRUTHS[node.id]
        elif ERRNO.fullmatch(node.id):
            yield state, signs.TRUE
        else:
            yield state, state.value(node.id)

    def _number(self, node: ir.Number, state: State) -> Ways:
        yield state, signs.ZERO if ZERO_NUMBER.fullmatch(node.text) else signs.TRUE

    def _string(self, node: ir.String, state: State) -> Ways:
        del node
        yield state, signs.TRUE

    def _place(self, node: ir.Expr, state: State) -> Ways:
        for after, _ in self._parts(node, state):
            yield after, after.value(spelled(node))

    def _cast(self, node: ir.Cast, state: State) -> Ways:
        for after, value in self.ways(node.operand, state):
            yield after, signs.truth(value) if node.type == "bool" else value

    def _unary(self, node: ir.Unary, state: State) -> Ways:
        if node.op == "*":
            yield from self._place(node, state)
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

    def _binary(self, node: ir.Binary, state: State) -> Ways:
        if node.op in {"&&", "||"}:
            yield from self._short(node, state)
            return
        known = state.value(spelled(node))
        for middle, left in self.ways(node.left, state):
            for after, right in self.ways(node.right, middle):
                if node.op == ",":
                    value = right
                elif node.op in signs.WANTED:
                    value = signs.compared(node.op, left, right)
                else:
                    value = signs.combined(node.op, left, right)
                yield after, known if value.decided is None and known != ANYTHING else value

    def _short(self, node: ir.Binary, state: State) -> Ways:
        stops = node.op == "||"
        for middle, taken in self.tested(node.left, state):
            if taken is stops:
                yield middle, signs.TRUE if stops else signs.ZERO
                continue
            for after, right in self.tested(node.right, middle):
                yield after, signs.TRUE if right else signs.ZERO

    def _assign(self, node: ir.Assign, state: State) -> Ways:
        target = spelled(node.target)
        for after, value in self.ways(node.value, state):
            if node.op != "=":
                value = signs.combined(node.op[:-1], after.value(target), value)
            yield assigned(after, node.target, value), value

    def _conditional(self, node: ir.Conditional, state: State) -> Ways:
        if node.then is None:
            for after, value in self.ways(node.test, state):
                if value.decided is not False:
                    yield after, value.only(Signs.NONZERO)
                if value.decided is not True:
                    yield from self.ways(node.other, assuming(node.test, after, taken=False))
            return
        for middle, taken in self.tested(node.test, state):
            yield from self.ways(node.then if taken else node.other, middle)

    def _call(self, node: ir.Call, state: State) -> Ways:
        known = state.value(spelled(node))
        for middle, values in self._arguments(node.arguments, state):
            if node.name in STOPPING and node.arguments:
                if values[0].decided is not True:
                    yield assuming(node.arguments[0], middle, taken=False), ANYTHING
                continue
            if node.name in TRANSPARENT and values:
                yield middle, values[0] if values[0] != ANYTHING else known
                continue
            for after, value in self._calls(node, _exposed(node, middle), values):
                yield after, known if value == ANYTHING else value

    def _arguments(
        self, nodes: tuple[ir.Expr, ...], state: State
    ) -> Iterator[tuple[State, tuple[Value, ...]]]:
        ways: list[tuple[State, tuple[Value, ...]]] = [(state, ())]
        for node in nodes:
            ways = [
                (after, (*values, value))
                for middle, values in ways
                for after, value in self.ways(node, middle)
            ]
        yield from ways


_WAYS: dict[type, Callable[..., Ways]] = {
    ir.Name: Evaluator._name,
    ir.Number: Evaluator._number,
    ir.String: Evaluator._string,
    ir.Member: Evaluator._place,
    ir.Index: Evaluator._place,
    ir.Cast: Evaluator._cast,
    ir.Unary: Evaluator._unary,
    ir.Binary: Evaluator._binary,
    ir.Assign: Evaluator._assign,
    ir.Conditional: Evaluator._conditional,
    ir.Call: Evaluator._call,
}
EXPRESSIONS = (*_WAYS, ir.InitList, ir.StatementExpression, ir.Other)


def assigned(state: State, target: ir.Expr, value: Value) -> State:
    """Give the state after a variable, member or such got a value."""
    if isinstance(target, ir.Name):
        state = state.forgetting(target.id)
    return state.knowing(spelled(target), value)


def _exposed(node: ir.Call, state: State) -> State:
    """Forget what a callee may write to, because it gets the address of it."""
    for argument in node.arguments:
        if isinstance(argument, ir.Unary) and argument.op == "&":
            root = argument.operand
            while isinstance(root, ir.Member | ir.Index):
                root = root.base
            if isinstance(root, ir.Name) and state.known:
                state = state.forgetting(root.id)
    return state


def _shaken(node: ir.Expr, value: Value, state: State, *, taken: bool) -> State:
    """Doubt the power where an undecided condition may have told of it."""
    if state.power not in {Power.OFF, Power.FAILED, Power.DISABLED}:
        return state
    unsure = state.power is Power.FAILED and value.tied and _admits(node, state, taken=taken)
    if unsure or any(TELLING.search(name) for name in names(node)):
        return replace(state, power=Power.DOUBT)
    return state


def _admits(node: ir.Expr, state: State, *, taken: bool) -> bool:
    """Tell whether this side of a condition may have let a failure through on purpose.

    `r == -EBUSY` may mean that VMX was on already; the other side of it is a failure still.
    """
    if not (isinstance(node, ir.Binary) and node.op in {"==", "!="}):
        return True
    told = state.value(spelled(node.left)).decided is not None
    return taken is (node.op == "==") or not told


def assuming(node: ir.Expr, state: State, *, taken: bool) -> State:
    """Give what is known where a condition came out true or false."""
    wanted = Signs.NONZERO if taken else Signs.ZERO
    match node:
        case ir.Unary(op="!", operand=operand):
            return assuming(operand, state, taken=not taken)
        case ir.Cast(operand=operand):
            return assuming(operand, state, taken=taken)
        case ir.Call(arguments=(first, *_)) if node.name in TRANSPARENT:
            return assuming(first, state, taken=taken)
        case ir.Assign(target=target):
            return _restricted(target, state, wanted)
        case ir.Binary(op=op, left=left, right=right) if op in signs.WANTED:
            return _compared(node, state, taken=taken, sides=(op, left, right))
        case _:
            return _restricted(node, state, wanted)


def _compared(
    node: ir.Binary, state: State, *, taken: bool, sides: tuple[str, ir.Expr, ir.Expr]
) -> State:
    op, left, right = sides
    if is_zero(left):
        op, left, right = signs.MIRRORED[op], right, left
    if is_zero(right) and (is_place(left) or isinstance(left, ir.Assign)):
        wanted = signs.WANTED[op] if taken else Signs.ANY & ~signs.WANTED[op]
        place = left.target if isinstance(left, ir.Assign) else left
        return _restricted(place, state, wanted)
    return _restricted(node, state, Signs.NONZERO if taken else Signs.ZERO)


def is_zero(node: ir.Expr) -> bool:
    """Tell whether an expression is the constant zero."""
    if isinstance(node, ir.Number):
        return bool(ZERO_NUMBER.fullmatch(node.text))
    return isinstance(node, ir.Name) and TRUTHS.get(node.id) == signs.ZERO


def _restricted(node: ir.Expr, state: State, wanted: Signs) -> State:
    text = spelled(node)
    return state.knowing(text, state.value(text).only(wanted)) if text else state
