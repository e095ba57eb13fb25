"""Conditions that may tell whether VMX is on: behind them nothing is sure that was."""

from __future__ import annotations

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import names, spelled
from tdxreview.dataflow.assume import passes_on
from tdxreview.dataflow.domains.power import Event, Power, State
from tdxreview.dataflow.domains.signs import Value
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

FAILING = regex(r"(?:^|_)(?:err(?:or|s|ors)?|fail(?:ed|ure|ures)?|ret|r|rc|bad)$")
"""What has such a name and is not zero tells of a failure."""


def vmxe_clear(node: ir.Expr, *, taken: bool) -> bool:
    """Tell whether CR4.VMXE is known to be clear where a condition came out true or false."""
    while isinstance(node, ir.Unary) and node.op == "!":
        node, taken = node.operand, not taken
    if isinstance(node, ir.Call) and passes_on(node) and node.arguments:
        return vmxe_clear(node.arguments[0], taken=taken)
    if not (isinstance(node, ir.Binary) and node.op == "&") or taken:
        return False
    sides = (node.left, node.right)
    return any(
        isinstance(side, ir.Name) and side.id in kernel_names().host.vmx_bits for side in sides
    )


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
    asked = state.power is Power.OFF and value.tied
    if unsure or asked or any(name in kernel_names().host.tells_of_vmx for name in names(node)):
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
