"""Functions that are handed over: which one it is, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name
from tdxreview.dataflow.domains.power import Change, Power, State
from tdxreview.dataflow.summary_types import Effect, Handing
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callbacks import carrier


def given(node: ir.Call, handing: Handing, bound: Mapping[str, str]) -> str:
    """Give the function that a call hands over, itself or in an object; empty if unknown."""
    if handing.argument >= len(node.arguments):
        return ""
    argument = node.arguments[handing.argument]
    return bound.get(carrier(argument), "") if handing.bound else plain_name(argument)


def going_offline(
    state: State, handing: Handing, node: ir.Call, effects: Mapping[str, Effect]
) -> State:
    """Give what a callback for CPUs that go finds: what the one for those that come left."""
    if not handing.offline or not 0 < handing.argument <= len(node.arguments):
        return state
    effect = effects.get(plain_name(node.arguments[handing.argument - 1]))
    if effect is None or not any(each.change is Change.ON for each in effect.outcomes):
        return state
    return replace(state, power=Power.ON_ALL)


def undone(node: ir.Call, state: State) -> bool:
    """Tell whether a call removes callbacks of CPU hotplug, and such turned VMX on before."""
    callbacks = kernel_names().callbacks
    return node.name in callbacks.removes and any(
        event.text.partition("(")[0] in callbacks.lasting for event in state.trail
    )


def meant(effect: Effect, node: ir.Call) -> bool:
    """Tell whether an effect is meant for a call with these arguments."""
    return all(
        at < len(node.arguments) and plain_name(node.arguments[at]) == text
        for at, text in effect.condition
    )
