"""A function's paths walked with the interpreter, until nothing new is learned."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from functools import cached_property, lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import U64, CType, ctype
from tdxreview.dataflow.cfg import BEYOND, EXIT, Flow, Test, flow
from tdxreview.dataflow.cleanup import is_work, span_of
from tdxreview.dataflow.domains.status_expressions import Interpreter
from tdxreview.dataflow.domains.status_seeds import PLAIN_NAMES, STATUS_NAMES, suspects
from tdxreview.dataflow.domains.status_set import Universe
from tdxreview.dataflow.domains.status_transfer import Steps
from tdxreview.dataflow.domains.status_uses import (
    Event,
    Happening,
    Origin,
    OriginKind,
    Record,
)
from tdxreview.dataflow.domains.status_value import Form
from tdxreview.dataflow.state import State
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.tdx import Returns
from tdxreview.program.effort import PARTS_OF_A_STATE, STATUS_STATES, spare
from tdxreview.program.meaning import View

MOST_STATES = 40


class Analysis(Struct, frozen=True, eq=False, dict=True):
    """What happens to statuses in one function; spans are relative to its first line."""

    origins: tuple[Origin, ...]
    events: tuple[tuple[Event, int], ...]
    repeats: tuple[tuple[int, int], ...]
    doubted: frozenset[int]
    locals: tuple[tuple[str, str], ...]
    tolerated: frozenset[int] = frozenset()
    """Origins after whose failure the function goes on with what it does after success."""
    cut_short: bool = False
    states: int = 0

    @cached_property
    def of_origin(self) -> Mapping[int, tuple[Event, ...]]:
        """Give the events of each origin."""
        found: dict[int, list[Event]] = {}
        for event, _ in self.events:
            found.setdefault(event.origin, []).append(event)
        return {origin: tuple(events) for origin, events in found.items()}

    @cached_property
    def returned(self) -> frozenset[Form]:
        """Give the forms in which a status is returned."""
        return frozenset(e.form for e, _ in self.events if e.what is Happening.RETURNED)

    @cached_property
    def assigned(self) -> frozenset[tuple[str, Form]]:
        """Give the variables that a status is put into, each with its form there."""
        return frozenset((e.target, e.form) for e, _ in self.events if e.what is Happening.ASSIGNED)


class Signature(Struct, frozen=True):
    """What is known of a function from its header."""

    type: str
    parameters: tuple[ir.Parameter, ...]


@lru_cache(maxsize=4096)
def analysed(
    body: ir.Body,
    signature: Signature,
    view: View,
    members: frozenset[str],
    universe: Universe,
    *,
    sparing: bool = False,
) -> Analysis:
    """Walk a function; the same function in the same surroundings is walked once."""
    walk = _Walk(body, signature, view, members, universe)
    points = len(walk.flow.points)
    return walk.done(spare(points, STATUS_STATES) if sparing else STATUS_STATES)


def _parameter_types(signature: Signature) -> dict[str, CType | None]:
    """Give the types of parameters, of what they point to (`*p`), and of what they call (`p()`)."""
    types: dict[str, CType | None] = {}
    known = kernel_names().host.function_types
    for each in signature.parameters:
        types[each.name] = ctype(each.type)
        types["*" + each.name] = ctype(each.type.rstrip("* "))
        returned = each.type.removesuffix(" (*)()")
        if returned != each.type:
            types[each.name + "()"] = ctype(returned)
        elif each.type.split()[-1:] and each.type.split()[-1] in known:
            types[each.name + "()"] = U64
    return types


class _Walk:
    def __init__(
        self,
        body: ir.Body,
        signature: Signature,
        view: View,
        members: frozenset[str],
        universe: Universe,
    ) -> None:
        self.body = body
        self.flow: Flow = flow(body)
        self.universe = universe
        declared = [node for node in ir.nodes(body) if isinstance(node, ir.Declare)]
        self.locals = tuple((node.name, node.type) for node in declared)
        types = {node.name: None if node.array else ctype(node.type) for node in declared}
        types |= _parameter_types(signature)
        self.parameters = tuple(each.name for each in signature.parameters)
        local = frozenset(node.name for node in declared if not node.static)
        returns = ctype(signature.type) if signature.type else None
        self.interpreter = Interpreter(
            dict(view),
            universe,
            types,
            self.parameters,
            local | set(self.parameters),
            members,
            returns,
        )
        self.suspects = suspects(body, view)
        self.statuses = {
            name for name in self.parameters if name in STATUS_NAMES and types[name] is U64
        }
        self.steps = Steps(self.interpreter, self.suspects, returns)
        self.seen: list[dict[object, State]] = [{} for _ in self.flow.points]
        self.cut_short = False
        self.work = 0

    @property
    def record(self) -> Record:
        return self.interpreter.record

    def done(self, most: int) -> Analysis:
        self._run(most)
        return Analysis(
            tuple(self.record.origins),
            tuple(self.record.events.items()),
            tuple(self.record.repeats.items()),
            frozenset(self.record.doubted),
            self.locals,
            self._tolerated(),
            self.cut_short,
            self.work,
        )

    def _tolerated(self) -> frozenset[int]:
        labels = sorted(
            node.span.line for node in ir.nodes(self.body) if isinstance(node, ir.Label)
        )
        found: set[int] = set()
        for point, states in zip(self.flow.points, self.seen, strict=True):
            if not is_work(point.action):
                continue
            line = span_of(point.action).line
            last = bisect_right(labels, line)
            here = {origin for state in states.values() for origin in state.possible}
            for origin in sorted(here - found):
                begins = self.record.origins[origin].span.line
                behind_label = last and begins <= labels[last - 1]
                if not behind_label and self._goes_on(origin, states.values()):
                    found.add(origin)
        return frozenset(found)

    def _goes_on(self, origin: int, states: Collection[State]) -> bool:
        """Tell whether a point is reached after success and after failure of an origin."""
        known = [
            state.possible[origin]
            for state in states
            if origin in state.possible and origin not in state.unread
        ]
        failed = any(not members & self.universe.success for members in known)
        return failed and self.universe.success in known

    def _first(self) -> State:
        state = State()
        found = (self.suspects | self.statuses) & set(self.parameters)
        if not self.body.head:
            found |= self.suspects | self._unseen()
        where = self.body.block.span
        for name in sorted(found):
            kind = self.interpreter.types.get(name)
            if kind is not None and kind.truth:
                continue
            origin = self.record.origin(Origin(OriginKind.PARAMETER, where, name, Returns.STATUS))
            vector = self.interpreter.status(origin)
            state.env[name] = vector
            state.possible[origin] = self.universe.full
        return state

    def _unseen(self) -> set[str]:
        """Give the variables that begin before the hunk and are statuses by their name."""
        declared = {name for name, _ in self.locals}
        used = {node.id for node in ir.nodes(self.body) if isinstance(node, ir.Name)}
        return (used & PLAIN_NAMES) - declared

    def _run(self, most: int) -> None:
        todo = [(self.flow.entry, self._first())]
        while todo:
            index, state = todo.pop()
            self.work += 1 + (len(state.env) + len(state.possible)) // PARTS_OF_A_STATE
            if self.work > most:
                self.cut_short = True
                return
            known = self.seen[index]
            key = state.key()
            if key in known:
                continue
            if len(known) >= MOST_STATES:
                state = self._joined([*known.values(), state])
                key = state.key()
                if key in known:
                    continue
                if len(known) >= 2 * MOST_STATES:
                    self.cut_short = True
                    continue
            known[key] = state
            todo += self._step(index, state)

    def _joined(self, states: list[State]) -> State:
        first = states[0]
        env = {
            name: value
            for name, value in first.env.items()
            if all(other.env.get(name) == value for other in states)
        }
        possible: dict[int, int] = {}
        for state in states:
            for origin, members in state.possible.items():
                possible[origin] = possible.get(origin, 0) | members
        unread = frozenset.intersection(*(state.unread for state in states))
        handled = frozenset.union(*(state.handled for state in states))
        doubted = frozenset.union(*(state.doubted for state in states))
        return State(env, possible, unread, handled, doubted)

    def _step(self, index: int, before: State) -> list[tuple[int, State]]:
        if index == EXIT:
            self.steps.leave(before)
        if index == BEYOND:
            self.steps.lose_sight(before)
        if index in {EXIT, BEYOND}:
            return []
        state = before.copy()
        point = self.flow.points[index]
        action = point.action
        if isinstance(action, Test):
            return self.steps.tested(action, point.edges, state)
        if isinstance(action, ir.Switch):
            return self.steps.switched(action, point.edges, state)
        self.steps.act(action, state)
        return [(edge.target, state) for edge in point.edges]
