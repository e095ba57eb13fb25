"""What is held at each call and at each way out of a function, along every path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, denoted
from tdxreview.dataflow.actions import Action, Cleanup
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.domains.signs import ANYTHING, NEGATIVE, TRUE, ZERO, Value
from tdxreview.dataflow.engine import Walk
from tdxreview.dataflow.environment import Environment
from tdxreview.dataflow.locking import ANY_NAME, NOTHING, Effect, Token, asserted, effect, guarded
from tdxreview.dataflow.recurring import kept_in, recurring
from tdxreview.dataflow.transfer import Ways
from tdxreview.kernel.context import Held
from tdxreview.program.unit import Text, body_of

NOWHERE = -1


class Standing(Environment, frozen=True, cache_hash=True):
    """What is held at one point of one path; `leaving` is the return that it has taken."""

    tokens: frozenset[Token] = frozenset()
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
    """Follow a function's paths; `nets` tell of the functions of the code that it calls.

    Where conditions part too many of them, only those on the locks themselves count.
    """
    body, known = body_of(text), {net.function: net for net in nets}
    graph = flow(body)
    own = kept_in(graph, lambda value: _effect(bare(value), known).success is not None)
    for keep in (own | recurring(graph), own):
        walk = LockWalk(graph, known, keep)
        if walk.followed(Standing(), walk.allowance):
            return walk.holding(body)
    return UNDECIDED


def _effect(node: ir.Node, nets: Mapping[str, Net]) -> Effect:
    """Return what a call takes and gives back, by the kernel's locks or by its body in view."""
    if not isinstance(node, ir.Call):
        return NOTHING
    found = effect(node)
    return _renamed(nets[node.name], node) if found is NOTHING and node.name in nets else found


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


@dataclass(eq=False, repr=False)
class LockWalk(Walk[Standing]):
    """The walk for what is held; of conditions those on the names of `keep` are remembered."""

    nets: Mapping[str, Net]
    keep: frozenset[str]
    calls: dict[ir.Span, set[frozenset[Token]]] = field(default_factory=dict)
    exits: set[tuple[int, frozenset[Token]]] = field(default_factory=set)

    def holding(self, body: ir.Body) -> Holding:
        """Return what was met on the paths of a body."""
        return Holding(
            {call: frozenset(ways) for call, ways in self.calls.items()},
            tuple(Exit(self._span(body, at), tokens) for at, tokens in sorted(self.exits, key=str)),
        )

    def _span(self, body: ir.Body, at: int) -> ir.Span:
        if at != NOWHERE:
            action = self.graph.points[at].action
            if isinstance(action, ir.Return):
                return action.span
        end = body.block.span
        return ir.Span(end.end_line, max(0, end.end_column - 1), end.end_line, end.end_column)

    def size(self, state: Standing) -> int:
        """Return how many things a state holds."""
        return len(state.known) + len(state.tokens)

    def kept(self, state: Standing) -> Standing:
        """Return what is taken from point to point."""
        return state.keeping(self.keep)

    def left(self, state: Standing) -> None:
        """Note what is held where a path leaves the function."""
        self.exits.add((state.leaving, state.tokens))

    def scoped(self, action: Action, state: Standing) -> Standing:
        """Return the state where the scope of a guard begins or ends, or a path returns."""
        if isinstance(action, Cleanup):
            rest = frozenset(token for token in state.tokens if token.at != action.what.span)
            return replace(state, tokens=rest)
        if isinstance(action, ir.Return):
            return replace(state, leaving=self.at)
        if isinstance(action, ir.Scoped | ir.Evaluate) and (taken := guarded(action)):
            return replace(state, tokens=state.tokens | set(taken))
        return state

    def reached(self, node: ir.Call, state: Standing) -> Standing:
        """Note what is held at a call."""
        self.calls.setdefault(node.span, set()).add(state.tokens)
        return state

    def called(self, node: ir.Call, state: Standing, values: tuple[Value, ...]) -> Ways[Standing]:
        """Yield every end of a call: what may fail to take its lock has two."""
        del values
        said = asserted(node)
        if said is not None:
            yield replace(state, tokens=state.tokens | {said}), ANYTHING
            return
        found = _effect(node, self.nets)
        if found.success is None:
            yield replace(state, tokens=self._after(node, found, state.tokens)), ANYTHING
            return
        refused = TRUE if node.name.endswith("trylock") else NEGATIVE
        taken, failed = (TRUE, ZERO) if found.success.nonzero else (ZERO, refused)
        yield replace(state, tokens=state.tokens | set(found.takes)), taken
        yield state, failed

    def _after(self, node: ir.Call, found: Effect, tokens: frozenset[Token]) -> frozenset[Token]:
        if found is NOTHING:
            unknown = "unlock" in node.name and node.name not in self.nets
            return frozenset() if unknown else tokens
        tokens |= set(found.takes)
        for kind, name in found.gives:
            tokens = _given_back(tokens, kind, name, node.span)
        return tokens


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
