"""Whether VMX is on where a path arrives at something that needs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tdxreview.cfront import ir
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.control_dependence import guarded_by_state, related
from tdxreview.dataflow.domains.pins import Hold
from tdxreview.dataflow.domains.power import Event, Power, Reach, State
from tdxreview.dataflow.summary_types import Arrival, Release
from tdxreview.facts.vmx.models import Contracts
from tdxreview.facts.vmx.roots import Start
from tdxreview.facts.vmx.schema import Vmx
from tdxreview.facts.vmx.warns_on_result import Noises
from tdxreview.kernel.tdx import Returns, Wrapper
from tdxreview.program.unit import Function

GRAVITY = (
    *(Vmx.OFF, Vmx.AFTER_DISABLE, Vmx.UNCHECKED, Vmx.WRONG_CPU, Vmx.NOT_TOLERATED, Vmx.PARTLY),
    *(Vmx.MIGRATED, Vmx.HOTPLUG_WINDOW, Vmx.OFF_ABOVE),
    *(Vmx.UNKNOWN, Vmx.CALLER, Vmx.TOLERATED, Vmx.ON),
)
"""Where paths differ, the first of these that one of them has is said."""
WRONG = frozenset(GRAVITY[: GRAVITY.index(Vmx.OFF_ABOVE)])
"""What is found wrong at a place, and not in a caller."""
UNIFORM = {Power.ON: Vmx.ON, Power.ON_ALL: Vmx.ON, Power.DOUBT: Vmx.UNKNOWN}
BAD = {
    Power.OFF: Vmx.OFF,
    Power.FAILED: Vmx.UNCHECKED,
    Power.DISABLED: Vmx.AFTER_DISABLE,
}
ALWAYS_QUIET = "machine check decoder"


class Verdicts:
    """Verdicts on arrivals; `wrappers` say what makes a SEAMCALL and what it gives back."""

    def __init__(self, contracts: Contracts, wrappers: Iterable[Wrapper], noises: Noises) -> None:
        self._contracts = contracts
        self._noises = noises
        self._returns: dict[str, set[Returns]] = defaultdict(set)
        for wrapper in wrappers:
            self._returns[wrapper.name].add(wrapper.returns)

    def of(
        self, function: Function, start: Start, arrival: Arrival, others: Sequence[Arrival]
    ) -> Vmx:
        """Judge an arrival; `others` are all paths of one start that arrive at the same call."""
        state, powers = arrival.state, {each.state.power for each in others}
        elsewhere = _elsewhere(arrival, start)
        if elsewhere is not None:
            return elsewhere
        match state.power:
            case Power.OFF if start.told or start.lawful:
                return Vmx.OFF_ABOVE if start.told else self._borne(arrival, function, start)
            case Power.CALLER | Power.OFF if powers & {Power.ON, Power.ON_ALL}:
                found = partly(arrival, others, function)
                off = state.power is Power.OFF and found is Vmx.PARTLY
                return Vmx.OFF if off else found
            case Power.DISABLED if powers - {Power.DISABLED}:
                doubted = related(flow(function.body), _last(state.trail), arrival.span)
                return Vmx.UNKNOWN if doubted else Vmx.AFTER_DISABLE
            case _:
                return BAD.get(state.power) or UNIFORM.get(state.power, Vmx.CALLER)

    def _borne(self, arrival: Arrival, function: Function, start: Start) -> Vmx:
        """Judge a call where VMX may rightly be off: #UD has to be taken quietly."""
        if self._noises.about(function, arrival.span):
            return Vmx.NOT_TOLERATED
        if start.lawful == ALWAYS_QUIET or self._bears(arrival.name, function.path):
            return Vmx.TOLERATED
        return Vmx.UNKNOWN if start.held else Vmx.OFF

    def _bears(self, name: str, path: str) -> bool:
        """Tell whether a call only makes SEAMCALLs that give back their status, and nothing else.

        What makes an errno of it prints it as well.
        """
        seen: set[tuple[str, str]] = set()
        todo = [(name, path)]
        while todo:
            one = todo.pop()
            if one in seen:
                continue
            seen.add(one)
            below = self._below(*one)
            if below is None:
                return False
            todo += below
        return True

    def _below(self, name: str, path: str) -> Iterable[tuple[str, str]] | None:
        """Give the calls that a call leads to, none from one that gives back a status.

        None for what makes an errno of the status, or is not in view.
        """
        called = self._contracts.symbols.function(name, path)
        returns = self._returns.get(name)
        if returns is not None:
            errno = called is not None and called.type == "int"
            return () if Returns.STATUS in returns and not errno else None
        if called is None or called.partial:
            return None
        effects = self._contracts.known(called).effects
        return [(each, called.path) for each, effect in effects if effect.needs]


def partly(
    arrival: Arrival | Release, arrivals: Sequence[Arrival | Release], function: Function
) -> Vmx:
    """Judge a path without what another path does to turn VMX on."""
    turned_on = [a.state.trail for a in arrivals if a.state.power in UNIFORM and a.state.trail]
    for trail in turned_on:
        event = _last(trail)
        graph = flow(function.body)
        if guarded_by_state(graph, event) or related(graph, event, arrival.span):
            return Vmx.UNKNOWN
    return Vmx.PARTLY if turned_on else Vmx.CALLER


def _elsewhere(arrival: Arrival, start: Start) -> Vmx | None:
    """Judge where VMX is on, but not on the CPU that makes the SEAMCALL, or not for sure."""
    state = arrival.state
    match state.power:
        case Power.ON if arrival.reach is not Reach.THIS:
            return Vmx.WRONG_CPU
        case Power.CALLER if arrival.reach is Reach.EVERY and not arrival.by and state.hold.gap:
            return Vmx.HOTPLUG_WINDOW
        case Power.ON_ALL if arrival.reach is not Reach.THIS and cpus_may_have_come(
            state.hold, start
        ):
            return Vmx.HOTPLUG_WINDOW
        case Power.CALLER | Power.DOUBT | Power.ON if may_have_moved(state, start):
            return Vmx.MIGRATED
        case _:
            return None


def may_have_moved(state: State, start: Start) -> bool:
    """Tell whether the task may have left the CPU since that was looked at, or turned on."""
    hold = state.hold
    looked_loosely = hold.seen_pinned is False and not hold.pins and state.power is not Power.ON
    return hold.moved or (looked_loosely and start.rooted)


def cpus_may_have_come(hold: Hold, start: Start) -> bool:
    """Tell whether a CPU can have come online since; a caller may hold hotplug off."""
    return hold.gap or (hold.everywhere is False and not hold.locks and start.rooted)


def _last(trail: tuple[Event, ...]) -> ir.Span:
    return trail[-1].span
