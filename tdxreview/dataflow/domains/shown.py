"""What a function shows of its callers: who sleeps was called with interrupts on.

A path that sleeps with nothing held by itself, or takes a lock, was entered without what forbids
that. So was what it called before and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.actions import Action
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.domains.lockset import LockWalk, Net, Standing
from tdxreview.dataflow.locking import Token, effect, guarded
from tdxreview.dataflow.recurring import recurring
from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names
from tdxreview.program.unit import Text, body_of

LOCKS = frozenset({Held.MUTEX, Held.SPINLOCK, Held.RAW_SPINLOCK, Held.LOCK})
AWAKE = frozenset({Held.IRQS_OFF.value, Held.PREEMPT_OFF.value, Held.BH_OFF.value})
"""What does not hold where code may sleep."""
WITH_INTERRUPTS = frozenset({Held.IRQS_OFF.value})
"""What does not hold where code waits for other CPUs."""


class Passed(Struct, frozen=True):
    """A path's arrival at a call: what it holds there, and what its callers do not."""

    tokens: frozenset[Token]
    lacks: frozenset[str]


def lock_name(name: str) -> str:
    """Give what a lock is called among the states of a context."""
    return f"lock {name}"


class Showing(Standing, frozen=True, cache_hash=True):
    """What is held, what was shown so far, and the watched calls that were passed."""

    shown: frozenset[str] = frozenset()
    passed: frozenset[tuple[ir.Span, frozenset[Token]]] = frozenset()


@dataclass(eq=False, repr=False)
class ShownWalk(LockWalk):
    """The lock walk that notes at `watched` calls what the path shows; `awake` calls show it."""

    watched: frozenset[ir.Span] = frozenset()
    awake: Mapping[ir.Span, frozenset[str]] = field(default_factory=dict)
    found: dict[tuple[ir.Span, frozenset[Token]], dict[frozenset[str], None]] = field(
        default_factory=dict
    )
    late: dict[tuple[ir.Span, frozenset[Token]], frozenset[str]] = field(default_factory=dict)

    def reached(self, node: ir.Call, state: Standing) -> Standing:
        """Note what is shown at a call, and what the call shows."""
        state = super().reached(node, state)
        if not isinstance(state, Showing):
            return state
        state = self._told(state, self._told_by(node, state.tokens))
        return self._noted(node.span, state)

    def _noted(self, span: ir.Span, state: Showing) -> Showing:
        if span not in self.watched:
            return state
        arrival = span, state.tokens
        self.found.setdefault(arrival, {})[state.shown] = None
        return replace(state, passed=state.passed | {arrival})

    def scoped(self, action: Action, state: Standing) -> Standing:
        """Note what a guard shows that may sleep."""
        if isinstance(state, Showing) and isinstance(action, ir.Scoped | ir.Evaluate):
            kinds = {each.kind for each in guarded(action)}
            if kinds & SLEEPING and not state.tokens:
                state = self._told(state, AWAKE)
            if kinds:
                state = self._noted(action.span, state)
        return super().scoped(action, state)

    def _told(self, state: Showing, what: frozenset[str]) -> Showing:
        """Give the state once something is shown; what was passed before was called so as well."""
        fresh = what - state.shown
        for each in state.passed if fresh else ():
            self.late[each] = self.late.get(each, frozenset()) | fresh
        return replace(state, shown=state.shown | fresh) if fresh else state

    def _told_by(self, node: ir.Call, tokens: frozenset[Token]) -> frozenset[str]:
        if any(each.owed or each.kind is Held.UNKNOWN for each in tokens):
            return frozenset()
        told = self.awake.get(node.span, frozenset())
        forbidding = {Held.IRQS_OFF} if told <= WITH_INTERRUPTS else kernel_names().locks.atomic
        if any(each.kind in forbidding for each in tokens):
            told = frozenset()
        taken = effect(node)
        if taken.success is None and not tokens:
            told |= {_said_of(each) for each in taken.takes if each.kind in _EXCLUSIVE}
        return told


SLEEPING = frozenset({Held.MUTEX, Held.CPUS_LOCKED})
"""What a task may have to sleep for until it has it."""
_EXCLUSIVE = LOCKS | {Held.CPUS_LOCKED}


def _said_of(token: Token) -> str:
    return lock_name(token.name) if token.kind in LOCKS else token.kind.value


@lru_cache(maxsize=2048)
def shown(
    text: Text,
    nets: tuple[Net, ...],
    watched: frozenset[ir.Span],
    awake: tuple[tuple[ir.Span, frozenset[str]], ...],
) -> Mapping[ir.Span, tuple[Passed, ...]]:
    """Give how the paths of a function arrive at some calls; empty if there are too many paths.

    `awake` pairs calls with what does not hold where they are made.
    """
    graph = flow(body_of(text))
    walk = ShownWalk(
        graph,
        {net.function: net for net in nets},
        recurring(graph),
        watched=watched,
        awake=dict(awake),
    )
    if not walk.followed(Showing(), walk.allowance):
        return {}
    result: dict[ir.Span, list[Passed]] = {}
    for arrival, ways in walk.found.items():
        span, tokens = arrival
        for lacks in ways:
            late = walk.late.get(arrival, frozenset())
            result.setdefault(span, []).append(Passed(tokens, lacks | late))
    return {span: tuple(dict.fromkeys(passed)) for span, passed in result.items()}
