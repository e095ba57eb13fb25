"""What conditions, assignments and calls tell of the variables and of VMX operation on a path."""

from __future__ import annotations

import re
from dataclasses import replace

from tdxreview.cfront import ir
from tdxreview.cfront.spelling import is_place, names, spelled
from tdxreview.dataflow.domains import signs
from tdxreview.dataflow.domains.power import Event, Power, State
from tdxreview.dataflow.domains.signs import ANYTHING, Signs, Value

TRANSPARENT = frozenset(
    ["likely", "unlikely", "READ_ONCE", "WARN_ON", "WARN_ON_ONCE", "WARN", "WARN_ONCE",
     "KVM_BUG_ON", "TDX_BUG_ON", "TDX_BUG_ON_1", "TDX_BUG_ON_2", "TDX_BUG_ON_3", "__builtin_expect"]
)  # fmt: skip
"""Calls that give back their first argument, at least its truth."""
TRUTHS = {"true": signs.TRUE, "false": signs.ZERO, "NULL": signs.ZERO, "TDX_SUCCESS": signs.ZERO}
ZERO_NUMBER = re.compile(r"0[xX]?0*[uUlL]*")
FAILING = re.compile(r"(?:^|_)(?:err(?:or|s|ors)?|fail(?:ed|ure|ures)?|ret|r|rc|bad)$")
"""What has such a name and is not zero tells of a failure."""
TELLING = re.compile(
    r"VMXE|tdx_get_sysinfo|vmx_?on\b|vmxon|vmx_(?:is_)?(?:on|enabled|active)|hardware_enabled|usage_count"
    r"|nr_users|virt\w{0,40}_(?:on|enabled|active)"
)
"""A condition with such a name may tell whether VMX is on."""


def assigned(state: State, target: ir.Expr, value: Value) -> State:
    """Give the state after a variable, member or such got a value."""
    if isinstance(target, ir.Name):
        state = state.forgetting(target.id)
    return state.knowing(spelled(target), value)


def exposed(node: ir.Call, state: State) -> State:
    """Forget what a callee may write to, because it gets the address of it."""
    for argument in node.arguments:
        if isinstance(argument, ir.Unary) and argument.op == "&" and state.known:
            state = state.forgetting(root_of(argument.operand))
    return state


def tying(node: ir.Call, state: State) -> State:
    """Give the state in which what a call gets the address of tells what the call did."""
    for argument in node.arguments:
        text = root_of(pointed(argument))
        if text and not text.isupper():
            state = state.knowing(text, Value(tied=True))
    return state


def root_of(node: ir.Expr) -> str:
    """Give the variable that a place in memory is part of, empty if it is part of none."""
    while isinstance(node, ir.Member | ir.Index):
        node = node.base
    return node.id if isinstance(node, ir.Name) else ""


def pointed(node: ir.Expr) -> ir.Expr:
    """Give what a pointer leads to, for `&place` and casts of it; else the pointer itself."""
    while isinstance(node, ir.Cast) or (isinstance(node, ir.Unary) and node.op == "&"):
        node = node.operand
    return node


def place_value(node: ir.Expr, state: State) -> Value:
    """Give what is known of a place; a part of something tied is tied."""
    value = state.value(spelled(node))
    if value != ANYTHING:
        return value
    return Value(tied=state.value(root_of(node)).tied)


def vmxe_clear(node: ir.Expr, *, taken: bool) -> bool:
    """Tell whether CR4.VMXE is known to be clear where a condition came out true or false."""
    while isinstance(node, ir.Unary) and node.op == "!":
        node, taken = node.operand, not taken
    if isinstance(node, ir.Call) and node.name in TRANSPARENT and node.arguments:
        return vmxe_clear(node.arguments[0], taken=taken)
    if not (isinstance(node, ir.Binary) and node.op == "&") or taken:
        return False
    sides = (node.left, node.right)
    return any(isinstance(side, ir.Name) and side.id == "X86_CR4_VMXE" for side in sides)


def shaken(node: ir.Expr, value: Value, state: State, *, taken: bool) -> State:
    """Doubt the power where an undecided condition may have told of it.

    Where CR4.VMXE is clear there is nothing to doubt: the CPU is not in VMX operation.
    """
    if vmxe_clear(node, taken=taken):
        if state.power in {Power.ON, Power.ON_ALL, Power.FAILED, Power.DISABLED}:
            return state
        event = Event(node.span, "CR4.VMXE is clear from here on, so VMX is off")
        return replace(state, power=Power.OFF, trail=(*state.trail, event))
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
        return not taken or not any(FAILING.search(name) for name in names(node))
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
