"""How calls end for VMX operation, seen from the code that makes them."""

from __future__ import annotations

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.power import Change, Outcome
from tdxreview.dataflow.domains.signs import Signs, Value
from tdxreview.kernel.names import kernel_names

SAID = {
    Change.ON: "{name}() turns VMX on, on this CPU",
    Change.ON_ALL: "{name}() turns VMX on, on all online CPUs",
    Change.FAILED: "{name}() has to turn VMX on; here it has failed",
    Change.OFF: "{name}() turns VMX off",
    Change.DOUBT: "{name}() may turn VMX on or off",
}
TURNING_ON = frozenset([Change.ON, Change.ON_ALL])


def passed_on(outcomes: tuple[Outcome, ...], by: str) -> tuple[Outcome, ...]:
    """Give what the caller of a handing function sees of how the handed one ended."""
    callbacks = kernel_names().callbacks
    if by in callbacks.answers:
        return outcomes
    if by in callbacks.answers_by_sign:
        return tuple(dict.fromkeys(map(_told_by_sign, outcomes)))
    changing = any(each.change in TURNING_ON for each in outcomes)
    return tuple(
        dict.fromkeys(Outcome(Value(tied=True), _untold(each, changing)) for each in outcomes)
    )


def _untold(outcome: Outcome, changing: bool) -> Change:  # noqa: FBT001 - a private question
    """Give what is left of an outcome whose value is not handed on.

    Where another outcome turns VMX on, what tells the two apart is out of sight.
    """
    return Change.DOUBT if changing and outcome.change is Change.SAME else outcome.change


def _told_by_sign(outcome: Outcome) -> Outcome:
    failed = outcome.value.signs & Signs.ZERO == 0
    told = Signs.NEGATIVE if failed else Signs.ZERO | Signs.POSITIVE
    return Outcome(Value(told, tied=True), outcome.change)


def on_a_mask(node: ir.Call) -> bool:
    """Tell whether a call runs something on CPUs that somebody chose, not on all there are."""
    callbacks = kernel_names().callbacks
    at = callbacks.chosen.get(node.name)
    if at is None or at >= len(node.arguments):
        return False
    mask = node.arguments[at]
    return not (isinstance(mask, ir.Name) and mask.id in callbacks.whole_masks)
