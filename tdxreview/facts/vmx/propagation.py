"""With what each function begins, on every way into it: states flow from the beginnings down.

A function is followed once for each state it can begin with, however many ways bring it there,
so the work grows with the calls in view and not with the number of ways; recursion ends.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.pins import Hold
from tdxreview.dataflow.domains.power import Power, Reach, State
from tdxreview.dataflow.summary_types import Arrival, Release
from tdxreview.facts.vmx.models import Contracts
from tdxreview.facts.vmx.roots import Root, Roots, Start
from tdxreview.facts.vmx.schema import Vmx
from tdxreview.facts.vmx.verdicts import WRONG, Verdicts
from tdxreview.kernel.names import kernel_names
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

INHERITED = {
    Power.OFF: Power.OFF,
    Power.ON_ALL: Power.ON,
    Power.DISABLED: Power.DOUBT,
    Power.FAILED: Power.DOUBT,
    Power.DOUBT: Power.DOUBT,
    Power.CALLER: Power.CALLER,
    Power.ON: Power.CALLER,
}
"""What a function that is handed over finds later, by what held where it was handed over."""
HANDED = Hold(pins=1)
"""What holds in a function that is handed over: most run where they cannot move."""
BARE = {Power.DISABLED: Power.DOUBT, Power.FAILED: Power.DOUBT}
"""What a function that turns VMX on itself may take what went before for."""
WHERE = {Reach.EVERY: " on every CPU", Reach.OTHER: " on another CPU"}


LONGEST_WAY = 60
"""Steps that are shown of the way to a function; a long one is no easier to check."""


class Link(Struct, frozen=True):
    """How a function comes to begin with a state: a beginning, or a caller that began with `above`.

    `entry` is the kind of beginning, empty for a caller.
    """

    steps: tuple[Step, ...]
    entry: str = ""
    caller: Function | None = None
    above: Start = Start()


def shortened(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Leave out the middle of a long way: every site of a long chain has one."""
    if len(steps) <= LONGEST_WAY:
        return tuple(steps)
    half = LONGEST_WAY // 2
    between = steps[half]
    left_out = len(steps) - 2 * half
    cut = Step(between.path, between.line, f"and {left_out} more steps", between.function)
    return (*steps[:half], cut, *steps[-half:])


class Inflow:
    """The starts of the functions that have to do with VMX operation, and the ways to them."""

    def __init__(self, contracts: Contracts, verdicts: Verdicts, roots: Roots) -> None:
        self._contracts = contracts
        self._verdicts = verdicts
        self._roots = roots
        self._into: dict[Key, dict[Start, dict[object, Link]]] = {}
        self._todo: deque[tuple[Function, Start]] = deque()
        self._judged: dict[tuple[Key, Start], tuple[tuple[Arrival, Vmx | None], ...]] = {}
        self._flooded = False

    def starts(self, function: Function) -> tuple[Start, ...]:
        """Give the states in which a function can begin, in the order found; at least one."""
        return tuple(self._of(function))

    def links(self, function: Function, start: Start) -> tuple[Link, ...]:
        """Give how a function comes to begin with a start: the first is on a shortest way."""
        return tuple(self._of(function)[start].values())

    def steps_to(self, function: Function, start: Start) -> tuple[Step, ...]:
        """Give the steps of a shortest way, from its beginning to the function's first line."""
        parts: list[tuple[Step, ...]] = []
        link = self.links(function, start)[0]
        parts.append(link.steps)
        while link.caller is not None:
            link = self.links(link.caller, link.above)[0]
            parts.append(link.steps)
        return shortened([step for part in reversed(parts) for step in part])

    def followed(self, function: Function, start: Start) -> bool:
        """Tell whether the paths of a function matter for what holds in it."""
        known = self._contracts.known(function)
        hold = start.hold
        watched = hold.seen_pinned is not None or hold.everywhere is not None
        return (
            (start.power is Power.OFF and bool(known.effects) and not start.told)
            or (watched and known.holds)
            or self._contracts.follows(function, known)
        )

    def lost(self, function: Function, start: Start) -> bool:
        """Tell whether a followed function has too many paths."""
        return self._contracts.paths(function, start.power, start.hold).lost

    def releases(self, function: Function, start: Start) -> tuple[Release, ...]:
        """Give the calls of a function that turn VMX off, none if its paths do not matter."""
        if not self.followed(function, start):
            return ()
        return self._contracts.paths(function, start.power, start.hold).releases

    def arrivals(self, function: Function, start: Start) -> tuple[Arrival, ...]:
        """Give all that needs VMX in a function, with what holds there."""
        power = start.power
        if self.followed(function, start):
            found = self._contracts.paths(function, power, start.hold)
            if not found.lost:
                return found.arrivals
            power = Power.DOUBT
        return tuple(self._uniform(function, State(power=power, hold=start.hold)))

    def due(self, function: Function, start: Start) -> Iterator[tuple[Arrival, Vmx]]:
        """Give the arrivals at which VMX has to be on there and then, each with its verdict."""
        for arrival, vmx in self._met(function, start):
            if vmx is not None:
                yield arrival, vmx

    def _met(self, function: Function, start: Start) -> tuple[tuple[Arrival, Vmx | None], ...]:
        """Give all arrivals, without a verdict where VMX has to be on only later."""
        key = (key_of(function), start)
        if key not in self._judged:
            self._judged[key] = tuple(self._verdicts_in(function, start))
        return self._judged[key]

    def _verdicts_in(
        self, function: Function, start: Start
    ) -> Iterator[tuple[Arrival, Vmx | None]]:
        groups: dict[tuple[ir.Span, str], list[Arrival]] = defaultdict(list)
        for arrival in self.arrivals(function, start):
            if self._due_here(arrival, function):
                groups[arrival.span, arrival.name].append(arrival)
            else:
                yield arrival, None
        for group in groups.values():
            for arrival in group:
                yield arrival, self._verdicts.of(function, start, arrival, group)

    def _due_here(self, arrival: Arrival, function: Function) -> bool:
        """Tell whether VMX has to be on at an arrival, and not only when a callback runs later."""
        effect = self._contracts.effect(arrival.name, function.path)
        here = arrival.state.power is Power.ON
        return effect is not None and effect.needs is not None and (here or not later(arrival))

    def _uniform(self, function: Function, state: State) -> Iterator[Arrival]:
        effects = dict(self._contracts.known(function).effects)
        needs = {name: effect.needs for name, effect in effects.items() if effect.needs}
        for call in function.calls if needs else ():
            reach = needs.get(call.name)
            if reach is not None:
                yield Arrival(call.span, call.name, reach, state)

    def _of(self, function: Function) -> Mapping[Start, dict[object, Link]]:
        if not self._flooded:
            self._flooded = True
            self._flood()
        if key_of(function) not in self._into:
            self._begin(function, [self._roots.unseen(function)])
        return self._into[key_of(function)]

    def _flood(self) -> None:
        self._contracts.sum_up()
        near = [f for f in self._contracts.symbols.functions if self._contracts.concerns(f)]
        for function in near:
            roots = self._roots.of(function)
            if roots or not any(self._callers(function)):
                self._begin(function, roots or [self._roots.unseen(function)])
        self._run()
        for function in self._callers_first(near):
            if key_of(function) not in self._into and self._contracts.concerns(function):
                self._begin(function, [self._roots.unseen(function)])
                self._run()

    def _begin(self, function: Function, roots: Iterable[Root]) -> None:
        for root in roots:
            self._add(function, root.start, root.entry, Link(root.steps, root.entry))

    def _callers(self, function: Function) -> Iterator[Function]:
        return self._contracts.graph.callers(function)

    def _callers_first(self, functions: Iterable[Function]) -> Iterator[Function]:
        """Give functions so that who calls one comes before it, where that can be."""
        seen: set[Key] = set()
        for function in functions:
            stack = [(function, self._callers(function))] if key_of(function) not in seen else []
            seen.add(key_of(function))
            while stack:
                one, callers = stack[-1]
                fresh = next((each for each in callers if key_of(each) not in seen), None)
                if fresh is not None:
                    seen.add(key_of(fresh))
                    stack.append((fresh, self._callers(fresh)))
                else:
                    stack.pop()
                    yield one

    def _add(self, function: Function, start: Start, by: object, link: Link) -> None:
        links = self._into.setdefault(key_of(function), {})
        if start not in links:
            links[start] = {}
            self._todo.append((function, start))
        links[start].setdefault(by, link)

    def _run(self) -> None:
        while self._todo:
            self._spread(*self._todo.popleft())

    def _spread(self, function: Function, start: Start) -> None:
        silent = not function.text.head
        for arrival, vmx in self._met(function, start):
            if silent and vmx is Vmx.UNKNOWN:
                continue
            passed = _passed(arrival, vmx, start)
            for callee in self._contracts.graph.targets(arrival.name, function.path):
                if self._contracts.concerns(callee) and not self._roots.closed(callee):
                    link = Link(_steps(function, arrival, vmx), "", function, start)
                    self._add(callee, passed, (key_of(function), start), link)


def later(arrival: Arrival) -> bool:
    """Tell whether a handed function runs later as well, on whatever CPU comes then."""
    return bool(arrival.by) and (
        arrival.reach is Reach.LATER or arrival.by in kernel_names().callbacks.lasting
    )


def _passed(arrival: Arrival, vmx: Vmx | None, start: Start) -> Start:
    """Give what a function begins with that is called, or handed over, at an arrival."""
    hold = HANDED if arrival.by else arrival.state.hold.handed_down()
    if vmx is None and arrival.bare:
        power = arrival.state.power
        return replace(start, power=BARE.get(power, power), hold=hold)
    if vmx is None:
        return _inherited(arrival.state.power, start)
    if vmx in WRONG or vmx is Vmx.OFF_ABOVE:
        return Start(Power.OFF, told=True, rooted=start.rooted)
    if vmx is Vmx.TOLERATED:
        return replace(start, hold=hold)
    power = Power.DOUBT if vmx is Vmx.UNKNOWN else arrival.state.power
    return Start(power, rooted=start.rooted, hold=hold)


def _inherited(power: Power, start: Start) -> Start:
    """Give what a function begins with that runs later than it was handed over."""
    inherited = INHERITED[power]
    if inherited is Power.OFF:
        return replace(start, power=inherited, hold=HANDED)
    return Start(inherited, rooted=start.rooted, hold=HANDED)


def _steps(function: Function, arrival: Arrival, vmx: Vmx | None) -> tuple[Step, ...]:
    trail = tuple(function.step(event.span, event.text) for event in arrival.state.trail)
    name = arrival.name
    if arrival.by:
        text = f"{function.name}() hands {name}() to {arrival.by}(){WHERE.get(arrival.reach, '')}"
    else:
        text = f"{function.name}() calls {name}()"
    if vmx is None and arrival.state.power is Power.OFF and not arrival.bare:
        text = f"{text}; nobody has turned VMX on"
    return (*trail, function.step(arrival.span, text))
