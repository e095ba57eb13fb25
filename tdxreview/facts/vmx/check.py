"""For every call that needs VMX: whether it is on there, with the steps that show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from tdxreview.cache import Identity
from tdxreview.cfront import ir
from tdxreview.dataflow.domains.power import Power
from tdxreview.dataflow.protocol import Protocol
from tdxreview.dataflow.summary_types import Arrival, Release
from tdxreview.facts.vmx.models import Contracts
from tdxreview.facts.vmx.propagation import WHERE, Inflow
from tdxreview.facts.vmx.roots import Roots, Start
from tdxreview.facts.vmx.schema import Vmx, VmxState, Warned
from tdxreview.facts.vmx.seen import Seen, seen
from tdxreview.facts.vmx.unowned import unowned
from tdxreview.facts.vmx.verdicts import GRAVITY, UNIFORM, WRONG, Verdicts
from tdxreview.facts.vmx.warns_on_result import Noises
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.callbacks import Bindings
from tdxreview.program.callgraph import callgraph_of
from tdxreview.program.entry_points import entries_of
from tdxreview.program.unit import Function, Unit
from tdxreview.source.model import Image
from tdxreview.source.place import Place, Step

DEEPEST = 12
"""A trace names no more calls below the one that is wrong."""


class Judged(Struct, frozen=True):
    """A call that needs VMX; `callee` is the called function, or the one that is handed over."""

    function: Function
    span: ir.Span
    callee: str
    vmx: Vmx
    steps: tuple[Step, ...]
    seen: Seen


class Judge:
    """The VMX facts of one state of the files; what is asked for is that of `of` (None: all)."""

    def __init__(
        self,
        images: Sequence[Image],
        units: Sequence[Unit],
        abi: Abi,
        of: frozenset[str] | None = None,
    ) -> None:
        protocol = Protocol.of(abi)
        bindings = Bindings(images, protocol.points)
        graph = callgraph_of(Identity(units))
        self.contracts = Contracts(graph, protocol, bindings)
        roots = Roots(self.contracts, entries_of(Identity(images), protocol.points), images)
        self._asked = tuple(
            function
            for function in self.contracts.symbols.functions
            if (of is None or function.path in of) and self.contracts.concerns(function)
        )
        self._noises = Noises(self.contracts.symbols)
        verdicts = Verdicts(self.contracts, abi.wrappers, self._noises)
        self.inflow = Inflow(self.contracts, verdicts, roots)

    def calls(self) -> Iterator[Judged]:
        """Give every call whose paths had to be followed; for all others `uniform` holds."""
        for function in self._asked:
            yield from self._judged(function)

    def uniform(self, function: Function) -> Vmx:
        """Give what holds everywhere in a function that does nothing to VMX itself."""
        return worst(self._uniform(function, start) for start in self.inflow.starts(function))

    def everywhere(self, function: Function, place: Place) -> tuple[Vmx, tuple[Step, ...]]:
        """Return what holds everywhere in a function, with the steps of one way that show it.

        The last step is at a place in the function.
        """
        by_vmx: dict[Vmx, Start] = {}
        for start in self.inflow.starts(function):
            by_vmx.setdefault(self._uniform(function, start), start)
        vmx = worst(by_vmx)
        return vmx, (*self.inflow.steps_to(function, by_vmx[vmx]), _at(function, place.line, vmx))

    def at(self, function: Function, start: Start, place: Place) -> tuple[Vmx, tuple[Step, ...]]:
        """Return what holds at a call in a function on the ways that begin it with a start.

        With the steps inside the function that show it, the last one at the call.
        """
        found: dict[Vmx, Arrival] = {}
        if not (self.inflow.followed(function, start) and self.inflow.lost(function, start)):
            for arrival, vmx in self.inflow.due(function, start):
                if function.place(arrival.span) == place:
                    found.setdefault(vmx, arrival)
        if found:
            vmx = worst(found)
            return vmx, self._within(function, found[vmx], vmx)
        vmx = self._uniform(function, start)
        return vmx, (_at(function, place.line, vmx),)

    def releases(self) -> Iterator[tuple[Function, Release, VmxState]]:
        """Give the calls that turn VMX off on a path that has not turned it on, or off already."""
        for function in self._asked:
            found: dict[ir.Span, tuple[Release, VmxState]] = {}
            for start in self.inflow.starts(function):
                for release, seen_there in unowned(function, self.inflow.releases(function, start)):
                    found.setdefault(release.span, (release, seen_there))
            if found and not self._goes_on(function):
                yield from ((function, *each) for each in found.values())

    def _goes_on(self, function: Function) -> bool:
        """Tell whether the same failure is said at a SEAMCALL already."""
        starts = self.inflow.starts(function)
        return any(each.vmx is Vmx.UNCHECKED for each in self._all(function, starts))

    def warned(self, function: Function, span: ir.Span) -> Warned:
        """Tell whether a function warns of what a call in it gives back."""
        return Warned.LOUD if self._noises.about(function, span) else Warned.QUIET

    def documented(self) -> Iterator[Judged]:
        """Give the first call that needs VMX of each global function whose contract asks for it."""
        for function in self._asked:
            if self.contracts.promise(function):
                first = next(self._all(function, self.inflow.starts(function)), None)
                if first is not None:
                    yield first

    def _uniform(self, function: Function, start: Start) -> Vmx:
        if start.told and start.power is Power.OFF:
            return Vmx.OFF_ABOVE
        if self.inflow.followed(function, start):
            return Vmx.UNKNOWN
        return UNIFORM.get(start.power, Vmx.CALLER)

    def _judged(self, function: Function) -> Iterator[Judged]:
        starts = self.inflow.starts(function)
        if any(self.inflow.followed(function, start) for start in starts):
            yield from self._all(function, starts)

    def _all(self, function: Function, starts: Sequence[Start]) -> Iterator[Judged]:
        """Give all calls that need VMX in a function, each with the worst that a way brings."""
        calls: dict[tuple[ir.Span, str], dict[Vmx, tuple[Start, Arrival]]] = {}
        for start in starts:
            if self.inflow.followed(function, start) and self.inflow.lost(function, start):
                return
            for arrival, vmx in self.inflow.due(function, start):
                calls.setdefault((arrival.span, arrival.name), {}).setdefault(vmx, (start, arrival))
        for (span, name), found in calls.items():
            vmx = worst(found)
            steps = self._steps(function, *found[vmx], vmx)
            yield Judged(function, span, name, vmx, steps, seen(vmx, *found[vmx]))

    def _steps(
        self, function: Function, start: Start, arrival: Arrival, vmx: Vmx
    ) -> tuple[Step, ...]:
        within = self._within(function, arrival, vmx)
        if start.power is Power.CALLER and vmx is not Vmx.CALLER:
            return within
        return (*self.inflow.steps_to(function, start), *within)

    def _within(self, function: Function, arrival: Arrival, vmx: Vmx) -> tuple[Step, ...]:
        trail = () if vmx is Vmx.PARTLY else arrival.state.trail
        where = WHERE.get(arrival.reach, "")
        by = f"{arrival.by}() runs {arrival.name}()" if arrival.by else f"{arrival.name}()"
        return (
            *(function.step(event.span, event.text) for event in trail),
            function.step(arrival.span, f"{by}{where}: {SAID[vmx]}"),
            *(self._below(arrival.name, function.path) if vmx in WRONG else ()),
        )

    def _below(self, name: str, path: str) -> Iterator[Step]:
        """Give the calls from a function that needs VMX down to a SEAMCALL."""
        seen: set[str] = set()
        while name not in seen and len(seen) < DEEPEST:
            seen.add(name)
            function = next(iter(self.contracts.graph.targets(name, path)), None)
            if function is None or function.partial or not self.contracts.concerns(function):
                return
            arrival = next((a for a, _ in self.inflow.due(function, Start())), None)
            if arrival is None:
                return
            yield function.step(arrival.span, f"{function.name}() calls {arrival.name}()")
            name, path = arrival.name, function.path


def _at(function: Function, line: int, vmx: Vmx) -> Step:
    return Step(function.path, line, f"{function.name}(): {SAID[vmx]}")


def worst(found: Iterable[Vmx]) -> Vmx:
    """Give the gravest of some verdicts, of which there is at least one."""
    return min(found, key=GRAVITY.index)


SAID = {
    Vmx.OFF: "it makes a SEAMCALL, and nobody has turned VMX on",
    Vmx.AFTER_DISABLE: "it makes a SEAMCALL after VMX was turned off",
    Vmx.UNCHECKED: "it makes a SEAMCALL though VMX may not have been turned on",
    Vmx.WRONG_CPU: "it makes a SEAMCALL where VMX was not turned on",
    Vmx.NOT_TOLERATED: "it makes a SEAMCALL that may meet #UD, and is not quiet about it",
    Vmx.PARTLY: "it makes a SEAMCALL, also on a path that has not turned VMX on",
    Vmx.MIGRATED: "it makes a SEAMCALL, maybe on another CPU than the one looked at",
    Vmx.HOTPLUG_WINDOW: "it makes a SEAMCALL on CPUs that may have come online since",
    Vmx.OFF_ABOVE: "it makes a SEAMCALL, and a caller comes here without VMX",
    Vmx.UNKNOWN: "it makes a SEAMCALL; whether VMX is on cannot be told",
    Vmx.CALLER: "it makes a SEAMCALL; the caller has to have VMX on",
    Vmx.TOLERATED: "it makes a SEAMCALL that may meet #UD, and takes it quietly",
    Vmx.ON: "it makes a SEAMCALL; VMX is on",
}
