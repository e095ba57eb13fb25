"""A function's paths followed for what becomes of the statuses on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.cfront.ctypes import U64
from tdxreview.dataflow import values
from tdxreview.dataflow.actions import Action, Mark
from tdxreview.dataflow.cfg import Edge, Point, flow
from tdxreview.dataflow.domains.signs import ANYTHING, Value
from tdxreview.dataflow.domains.status_analysis import Analysis
from tdxreview.dataflow.domains.status_calls import Calls
from tdxreview.dataflow.domains.status_scope import scope_of
from tdxreview.dataflow.domains.status_state import Standing, joined
from tdxreview.dataflow.domains.status_stores import Stores
from tdxreview.dataflow.domains.status_tolerance import tolerated
from tdxreview.dataflow.domains.status_uses import (
    Event,
    Happening,
    Origin,
    OriginKind,
)
from tdxreview.dataflow.domains.status_value import status
from tdxreview.dataflow.engine import RETURNED, Walk
from tdxreview.dataflow.evaluate import Evaluator
from tdxreview.dataflow.recurring import kept_in, recurring, words_in
from tdxreview.dataflow.transfer import Ways
from tdxreview.dataflow.values import vector_of
from tdxreview.kernel.statuses import PLAIN_NAMES, STATUS_NAMES, Universe
from tdxreview.kernel.tdx import Returns
from tdxreview.program.effort import STATUS_STATES, spare
from tdxreview.program.meaning import Signature, View

NONE: frozenset[str] = frozenset()

MOST_STATES = 40


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
    graph, scope = flow(body), scope_of(body, signature, view, members)
    most = spare(len(graph.points), STATUS_STATES) if sparing else STATUS_STATES
    work = 0
    for keep in (recurring(graph) | kept_in(graph, _is_decided), NONE):
        walk = StatusWalk(graph, Stores(scope, universe), keep)
        found = walk.followed(walk.first(body), most)
        work += walk.work
        if found:
            break
    return walk.analysis(body, cut_short=not found or walk.crowded, work=work)


def _is_decided(node: ir.Expr) -> bool:
    """Tell whether a value says which of two conditions held: a status may be one of them."""
    return isinstance(node, ir.Binary) and node.op in {"&&", "||"}


@dataclass(eq=False, repr=False)
class StatusWalk(Walk[Standing]):
    """The walk for statuses; of other values those of the names of `keep` are remembered.

    A point that is reached in too many states is followed in one that stands for all of them;
    it is `crowded` where that does not end it.
    """

    notes: Stores
    keep: frozenset[str]
    crowded: bool = False
    at_point: dict[int, list[Standing]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def calls(self) -> Calls:
        """Return what calls do."""
        return Calls(self.notes)

    @property
    def every(self) -> int:
        """Return the set of all statuses."""
        return self.notes.universe.full

    # The first state

    def first(self, body: ir.Body) -> Standing:
        """Return the state at the beginning: parameters that are statuses may be any."""
        scope, state = self.notes.scope, Standing()
        given = [name for name in scope.parameters if name in STATUS_NAMES]
        found = {name for name in given if scope.types[name] is U64}
        found |= scope.suspects & set(scope.parameters)
        if not body.head:
            found |= scope.suspects | self._unseen(body)
        for name in sorted(found):
            kind = scope.types.get(name)
            if kind is None or not kind.truth:
                where = body.block.span
                new = Origin(OriginKind.PARAMETER, where, name, Returns.STATUS)
                state = self._born(name, new, state)
        return state

    def _unseen(self, body: ir.Body) -> frozenset[str]:
        """Return the variables that begin before the hunk and are statuses by their name."""
        nodes = list(ir.nodes(body))
        declared = {node.name for node in nodes if isinstance(node, ir.Declare)}
        used = {node.id for node in nodes if isinstance(node, ir.Name)}
        return (PLAIN_NAMES & used) - declared

    def _born(self, text: str, new: Origin, state: Standing) -> Standing:
        """Return the state in which a variable is a status that may be any."""
        origin = self.notes.record.origin(new)
        vector = values.known(status(self.notes.universe.numbers, origin))
        return state.knowing(text, vector).limited(origin, self.every)

    # What the engine asks

    def size(self, state: Standing) -> int:
        """Return how many things a state holds."""
        return len(state.known) + len(state.possible)

    def kept(self, state: Standing) -> Standing:
        """Return what is taken from point to point."""
        kept = tuple(
            pair
            for pair in state.known
            if pair[1].exact is not None or not words_in(pair[0]).isdisjoint(self.keep)
        )
        return state if len(kept) == len(state.known) else state.told(kept)

    def joined(self, index: int, state: Standing) -> Standing | None:
        """Return the state that stands for one that is new at a point, None for none."""
        here = self.at_point[index]
        if len(here) >= MOST_STATES:
            state = joined([*here, state])
            if (index, state) in self.seen:
                return None
            if len(here) >= 2 * MOST_STATES:
                self.crowded = True
                return None
        here.append(state)
        return state

    def meant(self, node: ir.Name | ir.Number) -> Value:
        """Return the number that a constant stands for."""
        return values.known(self.notes.scope.meant(node))

    def expanded(self, node: ir.Name | ir.Call) -> ir.Block | None:
        """Return the statements that a macro stands for, None if none is to be followed."""
        return self.calls.expanded(node)

    def computed(
        self, node: ir.Node, given: tuple[Value, ...], result: Value, state: Standing
    ) -> Standing:
        """Note what an operator, a cast, a label or a warning does with a status."""
        return self.notes.computed(node, given, result, state)

    def asked(self, node: ir.Expr, value: Value, state: Standing) -> Standing:
        """Note a condition about a status."""
        return self.notes.asked(node, value, state)

    def passed(self, node: ir.Node, value: Value, state: Standing) -> Standing:
        """Note that a status goes where nobody follows it."""
        span = getattr(node, "span", ir.Span(0, 0, 0, 0))
        return self.notes.used(state, value, span, Happening.PASSED)

    def lands(
        self, target: ir.Expr, source: ir.Expr, value: Value, state: Standing
    ) -> tuple[Standing, Value]:
        """Note what a variable gets; the result of an unknown call may be a status by its use."""
        state, value = self.notes.lands(target, source, value, state)
        if value.exact is None and isinstance(target, ir.Name) and isinstance(source, ir.Call):
            kind = self.notes.scope.types.get(target.id)
            if target.id in self.notes.scope.suspects and (kind is None or kind.bits == U64.bits):
                what, name = OriginKind.CALL, source.name
                new = Origin(what, source.span, name, Returns.UNKNOWN, None, None, source)
                state = self._born(target.id, new, state)
                return state, state.value(target.id)
        return state, value

    def read(self, node: ir.Expr, state: Standing) -> Standing:
        """Return the state after a place was read; some members hold statuses and nothing else."""
        if isinstance(node, ir.Name):
            self.notes.read(vector_of(state.value(node.id)), state)
        if not isinstance(node, ir.Member) or node.field not in self.notes.scope.members:
            return state
        path, record = spelled(node), self.notes.record
        if not path or state.value(path) is not ANYTHING:
            return state
        record.origin(Origin(OriginKind.MEMBER, node.span, path, Returns.STATUS))
        vector = status(self.notes.universe.numbers, record.member(path))
        return state.knowing(path, values.known(vector))

    def called(self, node: ir.Call, state: Standing, values: tuple[Value, ...]) -> Ways[Standing]:
        """Yield the end of a call."""
        yield self.calls.end(node, values, state)

    def scoped(self, action: Action, state: Standing) -> Standing:
        """Note what a path returns."""
        if not isinstance(action, ir.Return):
            return state
        state = self.notes.returned(action, state.value(RETURNED), state)
        return state.knowing(RETURNED, ANYTHING)

    def done(
        self, action: Action, state: Standing, evaluator: Evaluator[Standing]
    ) -> list[Standing]:
        """Return the states after a statement; a status that it drops is noted."""
        if not isinstance(action, ir.Evaluate):
            return super().done(action, state, evaluator)
        ways = evaluator.ways(action.value, state)
        return [self._dropped(action, value, after) for after, value in ways]

    def _dropped(self, action: ir.Evaluate, value: Value, state: Standing) -> Standing:
        node, vector = action.value, vector_of(value)
        explicit = isinstance(node, ir.Cast) and node.type == "void"
        while isinstance(node, ir.Cast):
            node = node.operand
        if vector is None or vector.origin not in state.unread or not isinstance(node, ir.Call):
            return state
        what = Happening.DISCARDED
        event = Event(what, action.span, vector.origin, vector.form, explicit=explicit)
        self.notes.record.add(event, self.every)
        return state.looked_at(vector.origin, handled=False)

    def step(
        self, point: Point, state: Standing, evaluator: Evaluator[Standing]
    ) -> Iterator[tuple[Edge, Standing]]:
        """Yield the edges from a point; code out of view may read what nobody has read yet."""
        if point.action is Mark.BEYOND:
            for origin in sorted(state.unread):
                self.notes.lost(origin, Happening.PASSED)
            for _, value in state.known:
                self.notes.read(vector_of(value), state)
        return super().step(point, state, evaluator)

    def left(self, state: Standing) -> None:
        """Note what nobody has read when the function is left."""
        for origin in sorted(state.unread):
            self.notes.lost(origin)

    # The result

    def analysis(self, body: ir.Body, *, cut_short: bool, work: int) -> Analysis:
        """Return what was noted."""
        record = self.notes.record
        declared = (node for node in ir.nodes(body) if isinstance(node, ir.Declare))
        return Analysis(
            tuple(record.origins),
            tuple(sorted(record.events.items(), key=record.lateness)),
            tuple(record.repeats.items()),
            frozenset(record.doubted),
            tuple((node.name, node.type) for node in declared),
            tolerated(body, self.graph, self.at_point, self.notes),
            cut_short,
            work,
        )
