"""What is held at each call and at each way out of a function, along every path."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.dataflow.cfg import EXIT, Cleanup, Edge, Flow, Test, flow
from tdxreview.dataflow.engine import explored
from tdxreview.dataflow.events import Event, bare, denoted, events, written
from tdxreview.facts.context.schema import Held
from tdxreview.kernel.locks import ANY_NAME, NOTHING, Effect, Token, asserted, effect, guarded
from tdxreview.program.unit import Text, body_of

NOWHERE = -1


class Standing(NamedTuple):
    """What holds at one point of one path.

    `tests` are conditions that were decided and come again; `pending` are results of calls
    that take a lock if they succeed; `leaving` is the return that the path has taken.
    """

    tokens: frozenset[Token] = frozenset()
    tests: frozenset[tuple[str, bool]] = frozenset()
    pending: frozenset[tuple[str, tuple[Token, ...], bool]] = frozenset()
    leaving: int = NOWHERE


class Exit(Struct, frozen=True):
    """A way out of a function, and what is held there."""

    span: ir.Span
    tokens: frozenset[Token]


@dataclass(frozen=True)
class Holding:
    """What is held in one function; nothing is known of a function that is not `decided`."""

    calls: Mapping[ir.Span, frozenset[frozenset[Token]]]
    exits: tuple[Exit, ...]
    decided: bool = True

    def at(self, call: ir.Call) -> frozenset[frozenset[Token]]:
        """Give what may be held at a call, one set for each way to it; empty if not known."""
        if self.decided and not self.calls:
            return frozenset({frozenset()})
        return self.calls.get(call.span, frozenset())

    def always(self, call: ir.Call) -> frozenset[Held]:
        """Give the kinds of what is held on every way to a call."""
        ways = [frozenset(t.kind for t in way if not t.owed) for way in self.at(call)]
        return frozenset.intersection(*ways) if ways else frozenset()


NOTHING_HELD = Holding(calls={}, exits=())
UNDECIDED = Holding(calls={}, exits=(), decided=False)


class Net(NamedTuple):
    """What a call of a function of the code takes and gives back, in its parameters' names."""

    function: str
    parameters: tuple[str, ...]
    effect: Effect


@lru_cache(maxsize=2048)
def holding(text: Text, nets: tuple[Net, ...]) -> Holding:
    """Follow a function's paths; `nets` tell of the functions of the code that it calls."""
    return _Walk(body_of(text), {net.function: net for net in nets}).holding()


def _renamed(net: Net, call: ir.Call) -> Effect:
    """Give a function's effect in the words of a call of it."""
    pairs = zip(net.parameters, call.arguments, strict=False)
    names = {name: denoted(given) for name, given in pairs}

    def renamed(name: str) -> str:
        first, dot, rest = name.partition(".")
        return names.get(first, first) + dot + rest

    return Effect(
        takes=tuple(t._replace(name=renamed(t.name), at=call.span) for t in net.effect.takes),
        gives=tuple((kind, renamed(name)) for kind, name in net.effect.gives),
    )


@dataclass
class _Walk:
    body: ir.Body
    nets: Mapping[str, Net]
    calls: dict[ir.Span, set[frozenset[Token]]] = field(default_factory=dict)
    repeated: dict[str, frozenset[str]] = field(default_factory=dict)

    def holding(self) -> Holding:
        graph = flow(self.body)
        happens = [tuple(events(point.action)) for point in graph.points]
        self.repeated = _repeated(graph)

        def step(index: int, state: Standing) -> Iterator[tuple[int, Standing]]:
            action = graph.points[index].action
            for event in happens[index]:
                state = self._after(event, state)
            if isinstance(action, Test):
                return self._branches(action.value, state, graph.points[index].edges)
            tokens = self._scoped(action, state.tokens)
            leaving = index if isinstance(action, ir.Return) else state.leaving
            state = state._replace(tokens=tokens, leaving=leaving)
            return ((edge.target, state) for edge in graph.points[index].edges)

        reached = explored(graph, Standing(), step)
        if reached is None:
            return UNDECIDED
        exits = {(state.leaving, state.tokens) for state in reached.get(EXIT, ())}
        return Holding(
            {call: frozenset(ways) for call, ways in self.calls.items()},
            tuple(Exit(self._span(graph, at), tokens) for at, tokens in sorted(exits, key=str)),
        )

    def _span(self, graph: Flow, at: int) -> ir.Span:
        if at != NOWHERE:
            action = graph.points[at].action
            if isinstance(action, ir.Return):
                return action.span
        end = self.body.block.span
        return ir.Span(end.end_line, max(0, end.end_column - 1), end.end_line, end.end_column)

    def _scoped(self, action: object, tokens: frozenset[Token]) -> frozenset[Token]:
        if isinstance(action, Cleanup):
            return frozenset(token for token in tokens if token.at != action.what.span)
        if isinstance(action, ir.Scoped | ir.Evaluate):
            return tokens | set(guarded(action))
        return tokens

    def _after(self, event: Event, state: Standing) -> Standing:
        if isinstance(event, ir.Call):
            self.calls.setdefault(event.span, set()).add(state.tokens)
            return state._replace(tokens=self._called(event, state.tokens))
        if isinstance(event, ir.Declare):
            return self._put(event.name, event.initial, state)
        if isinstance(event, ir.Assign):
            return self._put(denoted(event.target), event.value, state)
        if isinstance(event, ir.Unary) and event.op != "&":
            return _forgotten(denoted(event.operand), state, self.repeated)
        return state

    def _effect(self, call: ir.Call) -> Effect:
        found = effect(call)
        if found is NOTHING and call.name in self.nets:
            return _renamed(self.nets[call.name], call)
        return found

    def _called(self, call: ir.Call, tokens: frozenset[Token]) -> frozenset[Token]:
        said = asserted(call)
        if said is not None:
            return tokens | {said}
        found = self._effect(call)
        if found is NOTHING:
            unknown = "unlock" in call.name and call.name not in self.nets
            return frozenset() if unknown else tokens
        if found.success is None:
            tokens |= set(found.takes)
        for kind, name in found.gives:
            tokens = _given_back(tokens, kind, name, call.span)
        return tokens

    def _put(self, name: str, value: ir.Expr | None, state: Standing) -> Standing:
        """Give the state after a variable was set."""
        state = _forgotten(name, state, self.repeated)
        call = bare(value) if value is not None else None
        found = self._effect(call) if isinstance(call, ir.Call) else NOTHING
        if found.success is None:
            return state
        waiting = (name, found.takes, found.success.nonzero)
        return state._replace(pending=state.pending | {waiting})

    def _branches(
        self, value: ir.Expr, state: Standing, edges: tuple[Edge, ...]
    ) -> Iterator[tuple[int, Standing]]:
        for edge in edges:
            if edge.taken is None:
                yield edge.target, state
                continue
            after = self._decided(value, state, taken=edge.taken)
            if after is not None:
                yield edge.target, after

    def _decided(self, value: ir.Expr, state: Standing, *, taken: bool) -> Standing | None:
        """Give the state on one side of a test, None if the path cannot take it."""
        text = written(value)
        if (text, not taken) in state.tests:
            return None
        if text in self.repeated:
            state = state._replace(tests=state.tests | {(text, taken)})
        core, nonzero = _outcome(value, taken=taken)
        if isinstance(core, ir.Call):
            found = self._effect(core)
            if found.success is not None and found.success.nonzero == nonzero:
                return state._replace(tokens=state.tokens | set(found.takes))
        return _resolved(denoted(core), state, nonzero=nonzero)


def _resolved(name: str, state: Standing, *, nonzero: bool) -> Standing:
    for waiting in state.pending:
        if waiting[0] == name:
            tokens = state.tokens | set(waiting[1]) if waiting[2] == nonzero else state.tokens
            return state._replace(tokens=tokens, pending=state.pending - {waiting})
    return state


def _outcome(value: ir.Expr, *, taken: bool) -> tuple[ir.Expr, bool]:
    """Give what a test is about, and whether it is not zero on this side."""
    value = bare(value)
    if isinstance(value, ir.Assign):
        return bare(value.value), taken
    if isinstance(value, ir.Binary) and isinstance(value.right, ir.Number):
        if value.op in {"==", ">="} and value.right.text == "0":
            return bare(value.left), not taken
        return bare(value.left), taken
    return value, taken


def _forgotten(name: str, state: Standing, repeated: Mapping[str, frozenset[str]]) -> Standing:
    """Give the state without what was known of a variable."""
    root = name.partition(".")[0]
    if not state.tests and not state.pending:
        return state
    tests = frozenset(each for each in state.tests if root not in repeated[each[0]])
    pending = frozenset(each for each in state.pending if each[0] != name)
    return state._replace(tests=tests, pending=pending)


def _repeated(graph: Flow) -> dict[str, frozenset[str]]:
    """Give the tests that a function makes more than once, with the names in them."""
    tests = [point.action.value for point in graph.points if isinstance(point.action, Test)]
    counted = Counter(written(value) for value in tests)
    return {
        written(value): frozenset(n.id for n in ir.walk(value) if isinstance(n, ir.Name))
        for value in tests
        if counted[written(value)] > 1 and not any(ir.calls(value))
    }


def _given_back(tokens: frozenset[Token], kind: Held, name: str, at: ir.Span) -> frozenset[Token]:
    own = [token for token in tokens if token.kind is kind and not token.owed]
    exact = [token for token in own if name in {token.name, ANY_NAME}]
    said = [token for token in tokens if token.kind is Held.LOCK and token.name == name]
    doubted = [token for token in tokens if token.kind is Held.UNKNOWN and token.name == name]
    if exact or own[:1] or doubted:
        return tokens - set(exact or own[:1] or doubted) - set(said)
    return (tokens - set(said)) | {Token(kind, name, at, owed=True)}


def without_debts(tokens: frozenset[Token]) -> frozenset[Token]:
    """Give what is really held."""
    return frozenset(token for token in tokens if not token.owed)
