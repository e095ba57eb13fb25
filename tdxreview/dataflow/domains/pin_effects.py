"""What calls and guards on a path do to what keeps it on its CPU."""

from __future__ import annotations

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name
from tdxreview.dataflow.domains.pins import Grip
from tdxreview.dataflow.domains.power import Change, Reach, State
from tdxreview.kernel.names import kernel_names

RELEASED = {Grip.PIN: Grip.UNPIN, Grip.LOCK: Grip.UNLOCK, Grip.PINNED: Grip.PINNED}
SAID_OF_GRIP = {
    Grip.PIN: "{name}() keeps the task on its CPU from here on",
    Grip.UNPIN: "{name}() lets the task go to another CPU",
    Grip.PINNED: "{name}() says that the task stays on its CPU",
    Grip.LOCK: "{name}() holds CPU hotplug off from here on",
    Grip.UNLOCK: "{name}() lets CPUs come online",
}


def turned_on(state: State, change: Change, reach: Reach, by: str) -> State:
    """Give the state with what is held where VMX was turned on, `by` a call."""
    if change is Change.ON:
        return replace(state, hold=state.hold.turned_on_here())
    if change is Change.ON_ALL:
        callbacks = reach is not Reach.THIS and by not in kernel_names().callbacks.lasting
        hold = state.hold.turned_on_everywhere() if callbacks else state.hold.cared_for()
        return replace(state, hold=hold)
    return state


def guard_name(what: ir.Stmt) -> str:
    """Give the class of `guard(class)()` and `scoped_guard(class)`, empty for all else."""
    if isinstance(what, ir.Scoped) and what.arguments:
        return plain_name(what.arguments[0])
    if isinstance(what, ir.Evaluate) and isinstance(what.value, ir.Call):
        function = what.value.function
        if isinstance(function, ir.Call) and function.arguments:
            return plain_name(function.arguments[0])
    return ""
