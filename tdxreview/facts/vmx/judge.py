"""For every call that needs VMX: whether it is on there, with the steps that show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from tdxreview.facts import ir
from tdxreview.facts.abi import Abi, Contract, Returns
from tdxreview.facts.flow import Flow, flow
from tdxreview.facts.kinds import Vmx
from tdxreview.facts.model import Step
from tdxreview.facts.unit import Function, Unit
from tdxreview.facts.vmx.contracts import Contracts, Protocol
from tdxreview.facts.vmx.doubt import guarded_by_state, related
from tdxreview.facts.vmx.entries import Entries
from tdxreview.facts.vmx.hold import Hold
from tdxreview.facts.vmx.loud import loud
from tdxreview.facts.vmx.power import Event, Power, Reach
from tdxreview.facts.vmx.sight import Sight
from tdxreview.facts.vmx.starts import Start, Starts, later
from tdxreview.facts.vmx.walk import Arrival, Release
from tdxreview.source.model import Image

GRAVITY = (
    *(Vmx.OFF, Vmx.AFTER_DISABLE, Vmx.UNCHECKED, Vmx.WRONG_CPU, Vmx.NOT_TOLERATED, Vmx.PARTLY),
    *(Vmx.MIGRATED, Vmx.HOTPLUG_WINDOW),
    *(Vmx.UNKNOWN, Vmx.CALLER, Vmx.TOLERATED, Vmx.ON),
)
"""Where paths differ, the first of these that one of them has is said."""
UNIFORM = {Power.ON: Vmx.ON, Power.ON_ALL: Vmx.ON, Power.DOUBT: Vmx.UNKNOWN}
BAD = {
    Power.OFF: Vmx.OFF,
    Power.FAILED: Vmx.UNCHECKED,
    Power.DISABLED: Vmx.AFTER_DISABLE,
}


class Judged(Struct, frozen=True):
    """A call that needs VMX; `callee` is the called function, or the one that is handed over."""

    function: Function
    span: ir.Span
    callee: str
    vmx: Vmx
    steps: tuple[Step, ...]


class Judge:
    """The VMX facts of one state of the files."""

    def __init__(self, images: Sequence[Image], units: Sequence[Unit], abi: Abi) -> None:
        self._protocol = Protocol.of(abi)
        self.contracts = Contracts(Sight(units), self._protocol)
        whole = frozenset(image.path for image in images if image.whole)
        self._known: dict[tuple[str, str, int], Start] = {}
        self._starts = Starts(self.contracts, Entries(images, self._protocol.points), whole)

    def start(self, function: Function) -> Start:
        """Give what holds where a function begins."""
        key = (function.path, function.name, function.line)
        if key not in self._known:
            self._known[key] = self._starts.of(function)
        return self._known[key]

    def calls(self) -> Iterator[Judged]:
        """Give every call whose paths had to be followed; for all others `uniform` holds."""
        for function in self.contracts.sight.functions:
            if self.contracts.concerns(function) and self._followed(function):
                yield from self._judged(function)

    def uniform(self, function: Function) -> Vmx:
        """Give what holds everywhere in a function that does nothing to VMX itself."""
        if self._followed(function):
            return Vmx.UNKNOWN
        return UNIFORM.get(self.start(function).power, Vmx.CALLER)

    def releases(self) -> Iterator[tuple[Function, Release]]:
        """Give the calls that turn VMX off on a path where turning it on has failed."""
        for function in self.contracts.sight.functions:
            if self.contracts.concerns(function) and self._followed(function):
                start = self.start(function)
                for release in self.contracts.paths(function, start.power).releases:
                    if release.state.power is Power.FAILED:
                        yield function, release

    def documented(self) -> Iterator[Judged]:
        """Give the first call that needs VMX of each global function whose contract asks for it."""
        for function in self.contracts.sight.functions:
            if self._promised(function) and self.contracts.concerns(function):
                first = next(self._judged(function), None)
                if first is not None:
                    yield first

    def duty(self, function: Function) -> tuple[Step, ...]:
        """Give whose duty it is to have VMX on: the contract of a function, or of who calls it."""
        seen: set[str] = set()
        todo = [function]
        while todo:
            one = todo.pop(0)
            contract = self._promised(one)
            if contract is not None:
                text = f"{one.name}() requires {', '.join(contract.requires)} of its callers"
                return (Step(one.path, one.line, text),)
            users = self.contracts.sight.users(one.name)
            todo += [user for user in users if user.name not in seen and user.path == one.path]
            seen |= {user.name for user in users}
        return ()

    def _promised(self, function: Function) -> Contract | None:
        static = "static" in function.words
        return None if static else self._protocol.duties.get(function.name)

    def _followed(self, function: Function) -> bool:
        known = self.contracts.known(function)
        off = self.start(function).power is Power.OFF and known.effects
        return bool(off) or self.contracts.follows(function, known)

    def _judged(self, function: Function) -> Iterator[Judged]:
        start = self.start(function)
        groups: dict[tuple[ir.Span, str], list[Arrival]] = defaultdict(list)
        for arrival in self.contracts.paths(function, start.power).arrivals:
            if self._due_here(arrival, function):
                groups[arrival.span, arrival.name].append(arrival)
        graph = flow(function.body)
        for (span, name), arrivals in groups.items():
            verdicts = {self._verdict(a, arrivals, graph, (function, start)): a for a in arrivals}
            vmx = next(each for each in GRAVITY if each in verdicts)
            steps = self._steps(function, start, verdicts[vmx], vmx)
            yield Judged(function, span, name, vmx, steps)

    def _due_here(self, arrival: Arrival, function: Function) -> bool:
        """Tell whether VMX has to be on at an arrival, and not only when a callback runs later."""
        effect = self.contracts.effect(arrival.name, function.path)
        return effect is not None and effect.needs is not None and not later(arrival)

    def _verdict(
        self,
        arrival: Arrival,
        arrivals: list[Arrival],
        graph: Flow,
        at: tuple[Function, Start],
    ) -> Vmx:
        state, powers = arrival.state, {each.state.power for each in arrivals}
        elsewhere = _elsewhere(arrival, at[1])
        if elsewhere is not None:
            return elsewhere
        match state.power:
            case Power.OFF if at[1].lawful:
                return self._borne(arrival, *at)
            case Power.CALLER if powers & {Power.ON, Power.ON_ALL}:
                return self._partly(arrival, arrivals, graph)
            case Power.OFF if powers & {Power.ON, Power.ON_ALL}:
                partly = self._partly(arrival, arrivals, graph)
                return Vmx.OFF if partly is Vmx.PARTLY else partly
            case Power.DISABLED if powers - {Power.DISABLED}:
                doubted = related(graph, _last(state.trail), arrival.span)
                return Vmx.UNKNOWN if doubted else Vmx.AFTER_DISABLE
            case _:
                return BAD.get(state.power) or UNIFORM.get(state.power, Vmx.CALLER)

    def _partly(self, arrival: Arrival, arrivals: list[Arrival], graph: Flow) -> Vmx:
        """Judge a path without what another path does to turn VMX on."""
        turned_on = [a.state.trail for a in arrivals if a.state.power in UNIFORM and a.state.trail]
        for trail in turned_on:
            event = _last(trail)
            if guarded_by_state(graph, event) or related(graph, event, arrival.span):
                return Vmx.UNKNOWN
        return Vmx.PARTLY if turned_on else Vmx.CALLER

    def _borne(self, arrival: Arrival, function: Function, start: Start) -> Vmx:
        """Judge a call where VMX may rightly be off: #UD has to be taken quietly."""
        if loud(function.body.block, arrival.span):
            return Vmx.NOT_TOLERATED
        in_machine_check = any("machine check" in step.text for step in start.steps)
        bears = in_machine_check or self._bears(arrival.name, function.path, frozenset())
        return Vmx.TOLERATED if bears else Vmx.OFF

    def _bears(self, name: str, path: str, above: frozenset[str]) -> bool:
        """Tell whether a call only makes SEAMCALLs that give back their status, and nothing else.

        What makes an errno of it prints it as well.
        """
        if name in self._protocol.returns:
            return self._protocol.returns[name] is Returns.STATUS
        called = self.contracts.sight.named(name, path)
        if called is None or called.partial or name in above:
            return False
        effects = self.contracts.known(called).effects
        return all(
            self._bears(each, path, above | {name})
            for each, effect in effects
            if effect.needs is not None
        )

    def _steps(
        self, function: Function, start: Start, arrival: Arrival, vmx: Vmx
    ) -> tuple[Step, ...]:
        steps = [*start.steps, *(function.step(e.span, e.text) for e in arrival.state.trail)]
        if vmx is Vmx.PARTLY:
            steps = []
        where = {Reach.EVERY: " on every CPU", Reach.OTHER: " on another CPU"}
        by = f"{arrival.by}() runs {arrival.name}()" if arrival.by else f"{arrival.name}()"
        text = f"{by}{where.get(arrival.reach, '')}: {SAID[vmx]}"
        return (*steps, function.step(arrival.span, text))


SAID = {
    Vmx.OFF: "it makes a SEAMCALL, and nobody has turned VMX on",
    Vmx.AFTER_DISABLE: "it makes a SEAMCALL after VMX was turned off",
    Vmx.UNCHECKED: "it makes a SEAMCALL though VMX may not have been turned on",
    Vmx.WRONG_CPU: "it makes a SEAMCALL where VMX was not turned on",
    Vmx.NOT_TOLERATED: "it makes a SEAMCALL that may meet #UD, and is not quiet about it",
    Vmx.PARTLY: "it makes a SEAMCALL, also on a path that has not turned VMX on",
    Vmx.MIGRATED: "it makes a SEAMCALL, maybe on another CPU than the one looked at",
    Vmx.HOTPLUG_WINDOW: "it makes a SEAMCALL on CPUs that may have come online since",
    Vmx.UNKNOWN: "it makes a SEAMCALL; whether VMX is on cannot be told",
    Vmx.CALLER: "it makes a SEAMCALL; the caller has to have VMX on",
    Vmx.TOLERATED: "it makes a SEAMCALL that may meet #UD, and takes it quietly",
    Vmx.ON: "it makes a SEAMCALL; VMX is on",
}


def _elsewhere(arrival: Arrival, start: Start) -> Vmx | None:
    """Judge where VMX is on, but not on the CPU that makes the SEAMCALL, or not for sure."""
    state = arrival.state
    match state.power:
        case Power.ON if arrival.reach is not Reach.THIS:
            return Vmx.WRONG_CPU
        case Power.ON_ALL if arrival.reach is not Reach.THIS and _gap(state.hold, start):
            return Vmx.HOTPLUG_WINDOW
        case Power.CALLER | Power.DOUBT | Power.ON if state.hold.moved:
            return Vmx.MIGRATED
        case _:
            return None


def _gap(hold: Hold, start: Start) -> bool:
    """Tell whether a CPU can have come online since; a caller may hold hotplug off."""
    return hold.gap or (hold.everywhere is False and not hold.locks and start.power is Power.OFF)


def _last(trail: tuple[Event, ...]) -> ir.Span:
    return trail[-1].span
