"""The protocol's contracts and entry points as far as they are about VMX operation."""

from __future__ import annotations

from tdxreview.dataflow.domains.power import Change, Outcome, Reach
from tdxreview.dataflow.domains.signs import NEGATIVE, TRUE, ZERO, Value
from tdxreview.dataflow.summary_types import Effect, Handing
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.protocol import Contract, EntryPoint, RunsOn
from tdxreview.program.entry_points import Points

STATE = "vmx-on"
LP_INIT = "lp-init@cpu"
CORE = "since 7.0"
EVERYWHERE = f"{STATE}@all-cpus"
NEEDED = Effect(needs=Reach.THIS)
BEFORE_RETURN = {
    RunsOn.THIS: Reach.THIS,
    RunsOn.EACH: Reach.EVERY,
    RunsOn.OTHER: Reach.OTHER,
}


class Protocol:
    """What the protocol says of VMX operation, by the names of functions and macros."""

    def __init__(self, abi: Abi) -> None:
        self.points = Points(abi.entry_points)
        self.changing: dict[str, Contract] = {}
        self.requiring = {wrapper.name: NEEDED for wrapper in abi.wrappers}
        self.duties: dict[str, Contract] = {}
        self.readying = frozenset(
            each.function for each in abi.contracts if LP_INIT in each.ensures
        )
        self.core = frozenset(
            each.function for each in abi.contracts if each.kernels == CORE and each.requires
        )
        for contract in abi.contracts:
            if of_vmx(contract.ensures) or of_vmx(contract.clears):
                self.changing.setdefault(contract.function, contract)
            if of_vmx(contract.requires):
                reach = Reach.EVERY if EVERYWHERE in contract.requires else Reach.THIS
                self.requiring[contract.function] = Effect(needs=reach)
                self.duties[contract.function] = contract
        self.handings = {
            name: tuple(
                Handing(point.argument, _reach(point), point.name, point.bound, point.offline)
                for point in points
                if point.argument is not None
            )
            for name, points in self.points.by_callback.items()
        }
        self.named = frozenset(self.requiring) | {each.function for each in abi.contracts}

    @staticmethod
    def of(abi: Abi) -> Protocol:
        """Give the protocol of the ABI data, taken apart once for as long as the data lives."""
        memory = vars(abi)
        if PROTOCOL not in memory:
            memory[PROTOCOL] = Protocol(abi)
        found: Protocol = memory[PROTOCOL]
        return found


PROTOCOL = "vmx protocol"


def _reach(point: EntryPoint) -> Reach:
    return BEFORE_RETURN.get(point.runs_on, Reach.LATER) if point.immediate else Reach.LATER


def of_vmx(states: tuple[str, ...]) -> bool:
    """Tell whether one of some states is about VMX operation."""
    return any(state.partition("@")[0] == STATE for state in states)


def outcomes_of(contract: Contract) -> tuple[Outcome, ...]:
    """Give the ways in which a call with a contract can end."""
    if of_vmx(contract.clears):
        return (Outcome(Value(), Change.OFF),)
    change = Change.ON_ALL if EVERYWHERE in contract.ensures else Change.ON
    if not contract.on_success:
        return (Outcome(Value(), change),)
    good, bad = (TRUE, ZERO) if contract.success_is_true else (ZERO, NEGATIVE)
    return (
        Outcome(Value(good.signs, tied=True), change),
        Outcome(Value(bad.signs, tied=True), Change.FAILED),
    )
