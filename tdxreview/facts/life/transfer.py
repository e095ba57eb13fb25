"""Every path through a function, with how far the module, the TD and its pages got."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.branches_by_value import choices
from tdxreview.dataflow.cfg import Edge, Loop, Point, flow
from tdxreview.dataflow.copies import copies_of
from tdxreview.dataflow.domains.page_sets import number_of, numbers, within
from tdxreview.dataflow.domains.power import Event, Power
from tdxreview.dataflow.domains.progress import ANY_PAGE, HERE, Deed, Progress, plain
from tdxreview.dataflow.domains.signs import TRUE, ZERO, Value
from tdxreview.dataflow.engine import RETURNED, Walk
from tdxreview.dataflow.evaluate import Evaluator
from tdxreview.dataflow.flag_writes import written
from tdxreview.dataflow.relevance import admits, asks, kept_texts, told_by
from tdxreview.dataflow.transfer import Ways
from tdxreview.facts.life.effects import MODULE, Effect, resolved, scope
from tdxreview.facts.life.page_moves import moved, numbered, touched
from tdxreview.kernel.names import kernel_names
from tdxreview.program.effort import LIFE_STATES, effort, spare
from tdxreview.program.unit import Text, body_of
from tdxreview.regex import regex

STEPS = 3
"""A state of this walk is as much work as so many of others."""
STATUS = regex(r"TDX_[A-Z0-9_]+")


class Arrival(Struct, frozen=True):
    """A path's state before a call that means something."""

    call: ir.Call
    effect: Effect
    state: Progress


class Leaving(Struct, frozen=True):
    """A path's end."""

    state: Progress


class Followed(Struct, frozen=True):
    """What was met on all paths; with `lost` there were too many, and nothing is known.

    `overtaken` gives for a call and a state that it needs where that is reached afterwards.
    `rounds` gives for each loop that goes round again, and each state that a round is to bring
    about, whether that had failed.
    """

    arrivals: tuple[Arrival, ...] = ()
    ends: tuple[Leaving, ...] = ()
    overtaken: tuple[tuple[ir.Span, str, ir.Call], ...] = ()
    lost: bool = False
    rounds: tuple[tuple[ir.Span, str, bool, Progress], ...] = ()
    states: int = 0


class Round(Struct, frozen=True):
    """What one round of a loop does, which does not hold for the next: another TD, page or CPU.

    A loop that chooses its step may be a state `machine`, which every CPU goes through in step.
    """

    spans: frozenset[ir.Span]
    ensures: frozenset[str]
    clears: frozenset[str]
    machine: bool


_LONG_TRAIL = 64
ENDED = "module-init"
"""Where this state ends, all of the module's do: what is reached later belongs to another life."""
Known = tuple[tuple[ir.Span, Effect], ...]
"""What the calls of a function mean, by their place."""


def followed(text: Text, known: Known, *, unsure: bool) -> Followed:
    """Follow every path from a function's entry; once for the same text and meanings."""
    shared = effort()
    found = _followed(text, known, unsure=unsure, sparing=shared.sparing)
    shared.note(text, "how far the module is", found, found.states, lost=found.lost)
    return found


@lru_cache(maxsize=4096)
def _followed(text: Text, known: Known, *, unsure: bool, sparing: bool) -> Followed:
    body = body_of(text)
    effects = dict(known)
    walk = LifeWalk(flow(body), effects, copies_of(body))
    named = frozenset(text for each in effects.values() for text in each.pages())
    keep = kept_texts(body, frozenset(effects)) | {RETURNED} | numbers(named)
    start = Progress(
        power=Power.ON,
        keep=keep,
        doubtful=unsure or not text.head,
        registers=frozenset(each[1:] for each in named if each.startswith("=")),
    )
    most = spare(len(walk.graph.points), LIFE_STATES) if sparing else LIFE_STATES
    if not walk.followed(start, most):
        return Followed(lost=True, states=STEPS * len(walk.seen))
    return Followed(
        tuple(walk.met.values()),
        tuple(walk.ends.values()),
        tuple((span, state, call) for (span, state), call in walk.overtaken.items()),
        rounds=tuple((*key, state) for key, state in walk.again_with.items()),
        states=STEPS * len(walk.seen),
    )


class _Evaluator(Evaluator[Progress]):
    """Evaluates expressions; of the names of statuses only success is zero."""

    def any(self, node: ir.Node, state: Progress) -> Ways[Progress]:
        """Run an expression."""
        if isinstance(node, ir.Name) and STATUS.fullmatch(node.id):
            yield state, ZERO if node.id in kernel_names().numbers.zeros else TRUE
        else:
            yield from super().any(node, state)


@dataclass(eq=False, repr=False)
class LifeWalk(Walk[Progress]):
    """The walk: calls are known by their place, and what they do is a deed."""

    meanings: Mapping[ir.Span, Effect]
    copies: Mapping[str, ir.Expr] = field(default_factory=dict)
    met: dict[tuple[object, ...], Arrival] = field(default_factory=dict)
    ends: dict[Progress, Leaving] = field(default_factory=dict)
    overtaken: dict[tuple[ir.Span, str], ir.Call] = field(default_factory=dict)
    rounds: dict[int, Round] = field(default_factory=dict)
    again_with: dict[tuple[ir.Span, str, bool], Progress] = field(default_factory=dict)

    def evaluator(self) -> Evaluator[Progress]:
        """Return what runs the expressions of the function."""
        return _Evaluator(self)

    def size(self, state: Progress) -> int:
        """Count in a trail that is longer than any that people write: each state holds its own."""
        return len(state.known) + max(0, len(state.trail) - _LONG_TRAIL)

    def doubted(self, node: ir.Expr, value: Value, state: Progress, *, taken: bool) -> Progress:
        """Doubt a failure: a condition that is no plain test may let it through."""
        if value.tied and admits(node, taken=taken):
            return state.unsure() if asks(node) else state.doubting()
        return state

    def step(
        self, point: Point, state: Progress, evaluator: Evaluator[Progress]
    ) -> Iterator[tuple[Edge, Progress]]:
        """Yield the edges that a state takes from a point, with the state behind it."""
        before = state
        state = _flagged(point, moved(point, state, self.copies, self.at))
        for edge, after in super().step(point, state, evaluator):
            yield edge, self.again(edge, numbered(before, after))

    def again(self, edge: Edge, state: Progress) -> Progress:
        """Forget what does not hold for the next round of a loop: another TD, page or CPU."""
        loop = next((each for each in self.graph.loops if _top(each) == edge.target), None)
        if loop is None or not loop.first <= self.at < loop.last:
            return state
        inside = self.inside(loop)
        if not inside.machine and not isinstance(loop.node, ir.While) and not state.doubtful:
            for name in plain(inside.ensures):
                key = (loop.node.span, name, name in state.failed)
                self.again_with.setdefault(key, state)
        return anew(state, inside)

    def inside(self, loop: Loop) -> Round:
        """Give what one round of a loop does."""
        if loop.first not in self.rounds:
            self.rounds[loop.first] = _round(loop.node, self.meanings)
        return self.rounds[loop.first]

    def left(self, state: Progress) -> None:
        """Note the state in which a path leaves the function."""
        self.ends.setdefault(state, Leaving(state))

    def called(self, node: ir.Call, state: Progress, values: tuple[Value, ...]) -> Ways[Progress]:
        """Give every end of a call."""
        effect = self.meanings.get(node.span)
        if effect is None:
            yield state, told_by(node, values)
            return
        if state.registers:
            effect = resolved(effect, dict(state.holds))
        key = (node.span, state.done, state.cleared, state.failed, state.pages, state.doubtful)
        self.met.setdefault(key, Arrival(node, effect, state))
        lacking = frozenset[str]() if state.doubtful else missing(effect, state)
        state = touched(state, effect)
        if not effect.deeds:
            yield state, told_by(node, values)
        for deed in effect.deeds:
            yield self.ended(node, effect, deed, state, lacking), deed.value

    def ended(
        self, node: ir.Call, effect: Effect, deed: Deed, state: Progress, lacking: frozenset[str]
    ) -> Progress:
        """Give the state after a call ended in one way; it went ahead without what is lacking."""
        reached = plain(deed.ensures)
        for name, span in state.waiting:
            if name in reached:
                self.overtaken.setdefault((span, name), node)
        after = state.after(deed)
        if ENDED in deed.clears:
            after = replace(after, waiting=frozenset(filter(_of_a_td, after.waiting)))
        elif not deed.failed:
            waits = {(name, node.span) for name in lacking - deed.clears}
            after = replace(after, waiting=after.waiting | waits)
        text = said(node.name, effect, deed)
        return replace(after, trail=(*state.trail, Event(node.span, text))) if text else after


def missing(effect: Effect, state: Progress) -> frozenset[str]:
    """Return the states that a call needs, and what comes before them, not reached yet."""
    return (plain(frozenset(need for need, _ in effect.needs)) | effect.chain) - plain(state.done)


def _of_a_td(pair: tuple[str, ir.Span]) -> bool:
    """Tell whether a state that is waited for is one of a TD's life, whatever the module's."""
    return scope(pair[0]) != MODULE


def _top(loop: Loop) -> int:
    """Give the point where a loop's next round begins: `do` has its test before its body."""
    return loop.first + (isinstance(loop.node, ir.While) and loop.node.after)


def _round(loop: ir.Node, meanings: Mapping[ir.Span, Effect]) -> Round:
    spans = frozenset(call.span for call in ir.calls(loop))
    deeds = [deed for span in spans if span in meanings for deed in meanings[span].deeds]
    ensures = frozenset[str]().union(*(deed.ensures for deed in deeds))
    clears = frozenset[str]().union(*(deed.clears for deed in deeds))
    chosen = any(span in meanings and meanings[span].chosen for span in spans)
    machine = bool(deeds) and (chosen or bool(choices(loop)))
    return Round(spans, ensures, clears, machine)


def anew(state: Progress, inside: Round) -> Progress:
    """Give the state for the next round of a loop."""
    return replace(
        state,
        waiting=frozenset(pair for pair in state.waiting if pair[1] not in inside.spans),
        failed=state.failed - plain(inside.ensures),
        cleared=state.cleared - inside.clears,
        done=frozenset(
            name for name in state.done if name not in inside.ensures or not name.endswith(HERE)
        ),
        doubtful=state.doubtful or inside.machine,
    )


def _flagged(point: Point, state: Progress) -> Progress:
    """Note the flags that a statement sets or resets."""
    if isinstance(point.action, ir.Evaluate):
        for node in ir.walk(point.action.value):
            write = written(node)
            if write is not None:
                state = state.writing(write)
    return state


def said(name: str, effect: Effect, deed: Deed) -> str:
    """Say in words what a call did; empty if nothing that a trace shows."""
    what = f"{name}() does {effect.leaf}" if effect.leaf else f"{name}()"
    if deed.failed or deed.pages.failed:
        return f"{what}; here it has failed"
    if deed.clears:
        return f"{what}: the module is shut down"
    if deed.ensures:
        return f"{what}: {' and '.join(sorted(plain(deed.ensures)))}"
    if deed.pages.given:
        return f"{what}: {_named(deed.pages.given)} is the module's"
    if deed.pages.back:
        return f"{what}: {_named(deed.pages.back)} comes back, not cleared yet"
    return ""


def _named(pages: frozenset[str]) -> str:
    return ", ".join(
        "the page" if page == ANY_PAGE else f"`{shown(page)}`" for page in sorted(pages)
    )


def shown(page: str) -> str:
    """Give the text of a page as people write it: `a[i]`, or `a` for several of it."""
    several = number_of(page).startswith("<") or page.endswith("}")
    return within(page) if several else page
