"""Every path through a function, with what holds of VMX operation where something needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import structs
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name, pointed, root_of
from tdxreview.dataflow.actions import Action, Cleanup
from tdxreview.dataflow.assume import tying
from tdxreview.dataflow.cfg import EXIT, Flow, flow
from tdxreview.dataflow.domains.pin_effects import (
    RELEASED,
    SAID_OF_GRIP,
    guard_name,
    turned_on,
)
from tdxreview.dataflow.domains.pins import FREE, Hold, grip_of, grip_of_guard
from tdxreview.dataflow.domains.power import Change, Event, Outcome, Power, Reach, State
from tdxreview.dataflow.domains.signs import ANYTHING, Value
from tdxreview.dataflow.engine import RETURNED, Walk, over_cpus
from tdxreview.dataflow.handed_over import given, going_offline, meant, undone
from tdxreview.dataflow.sleeping import sleeps
from tdxreview.dataflow.summary_types import Arrival, Effect, Explored, Handing, Known, Release
from tdxreview.dataflow.transfer import Ways
from tdxreview.facts.vmx.callback_models import SAID, on_a_mask, passed_on
from tdxreview.facts.vmx.doubt import shaken
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callbacks import carrier
from tdxreview.program.effort import VMX_STATES, effort, spare
from tdxreview.program.memo import Memo
from tdxreview.program.running import keeper_of
from tdxreview.program.unit import Text, body_of


def explored(text: Text, start: Power, known: Known, hold: Hold = FREE) -> Explored:
    """Follow every path from a function's entry, where `start` and `hold` hold.

    Done once for the same text and start.
    """
    shared = effort()
    read = (text, start, known, hold, shared.sparing)
    found = _KNOWN.get(read, lambda: _explored(text, start, known, hold, sparing=shared.sparing))
    shared.note(text, "VMX operation", found, found.states, lost=found.lost)
    return found


_KNOWN = Memo("VMX operation", Explored, lambda found: found.states)


def _explored(text: Text, start: Power, known: Known, hold: Hold, *, sparing: bool) -> Explored:
    body = body_of(text)
    graph = flow(body)
    most = spare(len(graph.points), VMX_STATES) if sparing else VMX_STATES
    found = _walk(graph, known).run(State(power=start, hold=hold), most)
    if found.lost and not any(effect.outcomes for _, effect in known.effects):
        again = _walk(graph, known, coarse=True).run(State(power=start, hold=hold), most)
        return structs.replace(again, states=found.states + again.states)
    return found


def _walk(graph: Flow, known: Known, *, coarse: bool = False) -> VmxWalk:
    return VmxWalk(
        graph,
        dict(known.effects),
        dict(known.handings),
        bound=dict(known.bound),
        pointed=dict(known.pointed),
        coarse=coarse,
    )


@dataclass(eq=False, repr=False)
class VmxWalk(Walk[State]):
    """The walk for VMX operation: what turns it on and off, what needs it, what holds the CPU."""

    effects: Mapping[str, Effect]
    handings: Mapping[str, tuple[Handing, ...]]
    bound: Mapping[str, str] = field(default_factory=dict)
    pointed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arrivals: dict[tuple[object, ...], Arrival] = field(default_factory=dict)
    outcomes: dict[Outcome, None] = field(default_factory=dict)
    releases: dict[tuple[ir.Span, Power], Release] = field(default_factory=dict)
    late: dict[ir.Span, Event] = field(default_factory=dict)

    def run(self, start: State, most: int = VMX_STATES) -> Explored:
        """Give what was met on all paths."""
        if self.followed(start, most):
            arrivals = tuple(map(self.with_what_came_late, self.arrivals.values()))
            releases = tuple(self.releases.values())
            return Explored(arrivals, tuple(self.outcomes), releases, states=len(self.seen))
        return Explored((), (), lost=True, states=len(self.seen))

    def with_what_came_late(self, arrival: Arrival) -> Arrival:
        """Give an arrival; VMX was off at it if only the code behind it turns it on."""
        late = self.late.get(arrival.span)
        if late is None or arrival.state.power is not Power.CALLER:
            return arrival
        state = replace(arrival.state, power=Power.OFF, trail=(*arrival.state.trail, late))
        return Arrival(arrival.span, arrival.name, arrival.reach, state, arrival.by)

    def left(self, state: State) -> None:
        """Note the state in which a path leaves the function."""
        self.outcomes[Outcome(state.value(RETURNED), state.net())] = None

    def doubted(self, node: ir.Expr, value: Value, state: State, *, taken: bool) -> State:
        """Doubt the power where an undecided condition may have told of it."""
        return shaken(node, value, state, taken=taken)

    def called(self, node: ir.Call, state: State, values: tuple[Value, ...]) -> Ways[State]:
        """Give every end of a call."""
        del values
        state = self.held(node, state)
        handings = self.handings.get(node.name, ())
        for handing in handings:
            state = self.handed(node, handing, state)
        effect = self.effects.get(node.name)
        looks = self._looks(node)
        ways = [(state, Value(tied=looks or _given_tied(node, state)))]
        if effect is not None and meant(effect, node):
            if effect.needs is not None:
                state = self.arrive(Arrival(node.span, node.name, effect.needs, state))
            elif effect.outcomes:
                self.arrive(Arrival(node.span, node.name, Reach.THIS, state, bare=True))
            ways = list(self.ended(effect.outcomes, node, state, Reach.THIS))
        elif state.power is Power.ON_ALL and undone(node, state):
            event = Event(node.span, f"{node.name}() runs the callback that turns VMX off")
            ways = [(state.changed(Change.OFF, event), ANYTHING)]
        elif not node.name and not isinstance(node.function, ir.Call):
            ways = [(self.pointed_to(node, state), ANYTHING)]
        elif isinstance(node.function, ir.Call) and _is_static(node.function):
            ways = list(self.static(node, node.function, state))
        for handing in handings:
            ways = self.ran(node, handing, state) or ways
        yield from ways

    def ran(self, node: ir.Call, handing: Handing, state: State) -> list[tuple[State, Value]]:
        """Give every end of a call that runs a function before it comes back; none if it does not.

        What the function is given, and what it shares with its caller, tells what it did.
        """
        inner = self.effects.get(given(node, handing, self.bound))
        if inner is None or not inner.outcomes or handing.reach is Reach.LATER:
            return []
        told = tying(node, state)
        for name in sorted(inner.tells):
            told = told.knowing(name, Value(tied=True))
        return list(self.ended(passed_on(inner.outcomes, node.name), node, told, handing.reach))

    def static(self, node: ir.Call, inner: ir.Call, state: State) -> Ways[State]:
        """Give every end of `static_call(name)(…)`."""
        name = self.bound.get(carrier(inner.arguments[0]), "") if inner.arguments else ""
        effect = self.effects.get(name, Effect())
        if effect.needs is not None:
            state = self.arrive(Arrival(node.span, name, effect.needs, state))
        yield from self.ended(effect.outcomes, node, state, Reach.THIS)

    def pointed_to(self, node: ir.Call, state: State) -> State:
        """Give the state after a call through a pointer, which may come to some functions."""
        aimed = self.pointed.get(keeper_of(node.function), ())
        effects = {name: self.effects[name] for name in aimed if name in self.effects}
        if any(effect.outcomes for effect in effects.values()):
            return replace(state, power=Power.DOUBT)
        for name, effect in effects.items():
            if effect.needs is not None:
                state = self.arrive(Arrival(node.span, name, effect.needs, state))
        return state

    def held(self, node: ir.Call, state: State) -> State:
        """Give the state with what a call takes or gives back of what is held."""
        grip = grip_of(node.name)
        if isinstance(node.function, ir.Call) and node.function.arguments:
            grip = grip_of_guard(plain_name(node.function.arguments[0]))
        if grip is not None:
            text = SAID_OF_GRIP[grip].format(name=node.name or "the guard")
            trail = (*state.trail, Event(node.span, text))
            return replace(state, hold=state.hold.after(grip), trail=trail)
        effect = self.effects.get(node.name)
        if effect is not None and effect.looks and state.power is Power.OFF:
            state = replace(state, power=Power.DOUBT)
        if not self._looks(node) or self._only_warns():
            return self.slept(node, state)
        looked = Event(node.span, f"{node.name}() reads this CPU's state")
        return replace(state, hold=state.hold.looked(), trail=(*state.trail, looked))

    def slept(self, node: ir.Call, state: State) -> State:
        """Give the state after a call that may sleep: a task that is not held may move."""
        if state.power is not Power.ON or state.hold.pins or not sleeps(node.name):
            return state
        text = f"{node.name}() may sleep, and the task may go on on another CPU"
        trail = (*state.trail, Event(node.span, text))
        return replace(state, hold=structs.replace(state.hold, moved=True), trail=trail)

    def _looks(self, node: ir.Call) -> bool:
        """Tell whether a call tells if this CPU may be in VMX operation."""
        effect = self.effects.get(node.name)
        return node.name in kernel_names().calls.reads_cpu_state or (
            effect is not None and effect.looks
        )

    def _only_warns(self) -> bool:
        """Tell whether what is looked at decides nothing: a sanity check that only warns."""
        action = self.graph.points[self.at].action if self.at != EXIT else None
        if not isinstance(action, ir.Evaluate) or not isinstance(action.value, ir.Call):
            return False
        return action.value.name in kernel_names().calls.complains

    def scoped(self, action: Action, state: State) -> State:
        """Give the state where the scope of a guard begins or ends."""
        if isinstance(action, Cleanup):
            grip = grip_of_guard(guard_name(action.what))
            return replace(state, hold=state.hold.after(RELEASED[grip])) if grip else state
        grip = grip_of_guard(guard_name(action)) if isinstance(action, ir.Scoped) else None
        return replace(state, hold=state.hold.after(grip)) if grip else state

    def handed(self, node: ir.Call, handing: Handing, state: State) -> State:
        """Give the state after a function was handed over."""
        name = given(node, handing, self.bound)
        effect = self.effects.get(name)
        at = going_offline(state, handing, node, self.effects)
        needs = effect is not None and effect.needs is not None
        if needs or (name and handing.reach is Reach.LATER):
            arrived = self.arrive(Arrival(node.span, name, handing.reach, at, by=node.name))
            if handing.reach is not Reach.LATER:
                state = replace(state, early=arrived.early)
        if effect is not None and effect.readies:
            return replace(state, hold=self.readied(node, handing, state))
        return state

    def readied(self, node: ir.Call, handing: Handing, state: State) -> Hold:
        """Give what is held once LP.INIT was done on all online CPUs."""
        if node.name in kernel_names().callbacks.lasting:
            return state.hold.cared_for()
        everywhere = handing.reach is Reach.EVERY or (
            handing.reach is Reach.OTHER and self.in_cpu_loop()
        )
        return state.hold.turned_on_everywhere() if everywhere else state.hold

    def arrive(self, arrival: Arrival) -> State:
        """Note an arrival, the first of those that are the same; give the state behind it."""
        state, hold = arrival.state, arrival.state.hold
        key = (arrival.span, arrival.name, arrival.by, state.power, hold.moved, hold.gap)
        self.arrivals.setdefault(key, arrival)
        if state.power is Power.CALLER and not self.coarse:
            return replace(state, early=state.early | {arrival.span})
        return state

    def ended(
        self, outcomes: tuple[Outcome, ...], node: ir.Call, state: State, reach: Reach
    ) -> Ways[State]:
        """Give the states after a call that can end in some ways."""
        if not outcomes:
            yield state, ANYTHING
        elif all(outcome.change is Change.OFF for outcome in outcomes) and not on_a_mask(node):
            release = Release(node.span, node.name, reach, state)
            self.releases.setdefault((node.span, state.power), release)
        for outcome in outcomes:
            change = self.seen_from_here(outcome.change, reach)
            self.turned_on_late(node, change, state)
            text = SAID.get(change, "").format(name=node.name)
            after = state.changed(change, Event(node.span, text))
            yield turned_on(after, change, reach, node.name), outcome.value

    def turned_on_late(self, node: ir.Call, change: Change, state: State) -> None:
        """Note that VMX is turned on behind what needed it."""
        if change in {Change.ON, Change.ON_ALL} and state.power is Power.CALLER:
            text = f"{node.name}() turns VMX on, only after that"
            for span in state.early:
                self.late.setdefault(span, Event(node.span, text))

    def seen_from_here(self, change: Change, reach: Reach) -> Change:
        """Give what a change on the CPUs of `reach` is for the code that asked for it."""
        if reach is Reach.THIS or change in {Change.SAME, Change.FAILED, Change.DOUBT}:
            return change
        if reach is Reach.EVERY or self.in_cpu_loop():
            return Change.ON_ALL if change is Change.ON else change
        return Change.SAME if change is Change.ON else Change.DOUBT

    def in_cpu_loop(self) -> bool:
        """Tell whether the point at hand is in a loop over CPUs."""
        return any(
            over_cpus(loop.node) and loop.first <= self.at < loop.last for loop in self.graph.loops
        )


def _is_static(inner: ir.Call) -> bool:
    return inner.name in kernel_names().calls.static_calls


def _given_tied(node: ir.Call, state: State) -> bool:
    """Tell whether a call is given the address of what tells whether VMX was turned on."""
    return any(state.value(root_of(pointed(each))).tied for each in node.arguments)
