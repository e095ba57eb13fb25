"""What conditions, assignments and calls tell of the variables on a path."""

from __future__ import annotations

from typing import TypeVar

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import is_place, pointed, root_of, spelled
from tdxreview.dataflow.domains import signs
from tdxreview.dataflow.domains.signs import ANYTHING, Signs, Value
from tdxreview.dataflow.environment import Environment
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

TRUTHS = {"true": signs.TRUE, "false": signs.ZERO, "NULL": signs.ZERO}
ZERO_NUMBER = regex(r"0[xX]?0*[uUlL]*")
S = TypeVar("S", bound=Environment)


def passes_on(call: ir.Call) -> bool:
    """Tell whether a call gives back its first argument, at least its truth."""
    calls = kernel_names().calls
    return call.name in calls.transparent or (
        call.name in calls.warns and call.name not in calls.stops
    )


def truth_of(name: str) -> Value | None:
    """Return what a name is that C or the kernel has everywhere, None for all others."""
    return signs.ZERO if name in kernel_names().numbers.zeros else TRUTHS.get(name)


def assigned(state: S, target: ir.Expr, value: Value) -> S:
    """Return the state after a variable, member or such got a value."""
    text = spelled(target)
    if isinstance(target, ir.Name):
        state = state.forgetting(target.id)
    elif state.known and text:
        state = state.without_parts(text)
    return state.knowing(text, value)


def exposed(node: ir.Call, state: S) -> S:
    """Forget what a callee may write to, because it gets the address of it.

    What takes a lock, or gives it back, writes to the lock alone.
    """
    for argument in () if any(kernel_names().locks.kinds_of(node.name)) else node.arguments:
        if isinstance(argument, ir.Unary) and argument.op == "&" and state.known:
            state = state.forgetting(root_of(argument.operand))
    return state


def tying(node: ir.Call, state: S) -> S:
    """Give the state in which what a call gets the address of tells what the call did."""
    for argument in node.arguments:
        text = root_of(pointed(argument))
        if text and not text.isupper():
            state = state.knowing(text, Value(tied=True))
    return state


def place_value(node: ir.Expr, state: Environment) -> Value:
    """Give what is known of a place; a part of something tied is tied."""
    value = state.value(spelled(node))
    if value != ANYTHING:
        return value
    return Value(tied=state.value(root_of(node)).tied)


def assuming(node: ir.Expr, state: S, *, taken: bool) -> S:
    """Give what is known where a condition came out true or false."""
    wanted = Signs.NONZERO if taken else Signs.ZERO
    match node:
        case ir.Unary(op="!", operand=operand):
            return assuming(operand, state, taken=not taken)
        case ir.Cast(operand=operand):
            return assuming(operand, state, taken=taken)
        case ir.Call(arguments=(first, *_)) if passes_on(node):
            return assuming(first, state, taken=taken)
        case ir.Assign(target=target):
            return _restricted(target, state, wanted)
        case ir.Binary(op=op, left=left, right=right) if op in signs.WANTED:
            return _compared(node, state, taken=taken, sides=(op, left, right))
        case _:
            return _restricted(node, state, wanted)


def _compared(node: ir.Binary, state: S, *, taken: bool, sides: tuple[str, ir.Expr, ir.Expr]) -> S:
    op, left, right = sides
    if is_zero(left):
        op, left, right = signs.MIRRORED[op], right, left
    if op in {"==", "!="} and isinstance(right, ir.Name) and right.id == "true":
        return assuming(left, state, taken=taken is (op == "=="))
    if is_zero(right) and (is_place(left) or isinstance(left, ir.Assign)):
        wanted = signs.WANTED[op] if taken else Signs.ANY & ~signs.WANTED[op]
        place = left.target if isinstance(left, ir.Assign) else left
        return _restricted(place, state, wanted)
    return _restricted(node, state, Signs.NONZERO if taken else Signs.ZERO)


def is_zero(node: ir.Expr) -> bool:
    """Tell whether an expression is the constant zero."""
    if isinstance(node, ir.Number):
        return bool(ZERO_NUMBER.fullmatch(node.text))
    return isinstance(node, ir.Name) and truth_of(node.id) == signs.ZERO


def _restricted(node: ir.Expr, state: S, wanted: Signs) -> S:
    text = spelled(node)
    return state.knowing(text, state.value(text).only(wanted)) if text else state
