"""With which context a function begins, on every way into it that is in view.

A context is what holds and what does not for sure: interrupts, preemption, locks. It comes from
how the kernel starts a function (`contexts` of `rules/protocol.yml`), and from what the functions
on the way do and show. What nobody tells of is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name, written
from tdxreview.dataflow.control_dependence import asks_of
from tdxreview.dataflow.domains.lock_summaries import Holdings
from tdxreview.dataflow.domains.shown import AWAKE, LOCKS, WITH_INTERRUPTS, Passed, lock_name, shown
from tdxreview.dataflow.locking import guarded
from tdxreview.dataflow.sleeping import Blockers
from tdxreview.kernel.context import Blocks, Held
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import Context, Interrupts
from tdxreview.program.effort import CONTEXTS_OF_A_FUNCTION, DEEPEST_CONTEXT, effort
from tdxreview.program.entry_points import Entered, Entries, Points
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

ENDED = {Held.IRQS_OFF, Held.PREEMPT_OFF, Held.BH_OFF, Held.CPUS_LOCKED}
"""Kinds that are over for sure where they were given back without having been taken."""


class Ground(Struct, frozen=True):
    """What a function begins with.

    `holds` and `lacks` name states, kinds of locks and locks; what is in neither is unknown.
    `handed` says that the kernel starts the function, so that it decides on its parameters.
    """

    holds: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    interrupts: Interrupts = Interrupts.NOTHING
    handed: bool = False


UNKNOWN = Ground()


class Link(Struct, frozen=True):
    """How a function comes to begin so: the step, and the caller with what it began with."""

    step: Step
    caller: Function | None = None
    above: Ground = UNKNOWN


@dataclass(eq=False, repr=False)
class Contexts:
    """The contexts of the functions of one state of the code, found when they are asked for."""

    holdings: Holdings
    blockers: Blockers
    entries: Entries
    points: Points
    _known: dict[Key, dict[Ground, Link]] = field(default_factory=dict)
    _passed: dict[Key, Mapping[ir.Span, tuple[Passed, ...]]] = field(default_factory=dict)
    chains: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    """The calls by which a function takes the CPU hotplug lock, as far as they were looked for."""

    def of(self, function: Function, depth: int = 0) -> dict[Ground, Link]:
        """Give the contexts in which a function begins, each with one way to it."""
        key = key_of(function)
        if key not in self._known:
            if depth > DEEPEST_CONTEXT:
                _give_up(function)
                return {}
            self._known[key] = {}
            found: dict[Ground, Link] = {}
            for ground, link in self._into(function, depth):
                if len(found) < CONTEXTS_OF_A_FUNCTION:
                    found.setdefault(ground, link)
                elif ground not in found:
                    _give_up(function)
                    break
            self._known[key] = found
        return self._known[key]

    def at(self, function: Function, span: ir.Span) -> Iterator[tuple[Ground, Ground, Passed]]:
        """Give the contexts at a call or guard: how the function began, what holds, and how."""
        ways = self.passed(function).get(span, ())
        for ground in self.of(function) or (UNKNOWN,):
            own = self._own(function, span, ground)
            yield from ((ground, after(own, passed), passed) for passed in ways)

    def way(self, function: Function, ground: Ground) -> tuple[Function, tuple[Step, ...]]:
        """Give where a way begins to a function that begins so, and its steps."""
        steps: list[Step] = []
        top = function
        link = self._link(function, ground)
        while link is not None and len(steps) <= DEEPEST_CONTEXT:
            steps.append(link.step)
            if link.caller is None:
                break
            top = link.caller
            link = self._link(top, link.above)
        return top, tuple(reversed(steps))

    def _link(self, function: Function, ground: Ground) -> Link | None:
        return self._known.get(key_of(function), {}).get(ground)

    def passed(self, function: Function) -> Mapping[ir.Span, tuple[Passed, ...]]:
        """Give how the paths of a function arrive at its calls."""
        key = key_of(function)
        if key not in self._passed:
            self._passed[key] = shown(
                function.text,
                self.holdings.nets_of(function),
                frozenset(_watched(function)),
                tuple(self._awake(function)),
            )
        return self._passed[key]

    def _awake(self, function: Function) -> Iterator[tuple[ir.Span, frozenset[str]]]:
        for call in function.calls:
            found = self.blockers.of(call, function.path)
            if found is not None and len(found[1]) == 1:
                yield call.span, AWAKE if found[0] is Blocks.SLEEPS else WITH_INTERRUPTS

    def _own(self, function: Function, span: ir.Span, ground: Ground) -> Ground:
        """Give a context as far as it holds at a call that a parameter decides on.

        A caller may never come there: which way it takes hangs on what it gives.
        """
        if function.text.head and not self.hangs_on_caller(function, span, ground):
            return ground
        return Ground(ground.holds, frozenset(), ground.interrupts)

    def hangs_on_caller(self, function: Function, span: ir.Span, ground: Ground) -> bool:
        """Tell whether a parameter that a caller gives decides whether a place is reached."""
        names = frozenset(each.name for each in function.parameters if each.name)
        return bool(names) and not ground.handed and asks_of(function.body, span, names)

    def start(self, function: Function, ground: Ground) -> Ground:
        """Return the context with which a way begins to a function that begins with `ground`."""
        for _ in range(DEEPEST_CONTEXT):
            link = self._link(function, ground)
            if link is None or link.caller is None:
                break
            function, ground = link.caller, link.above
        return ground

    def _into(self, function: Function, depth: int) -> Iterator[tuple[Ground, Link]]:
        for entered in self.entries.all_of(function):
            ground = _of_context(entered.entry.context())
            yield ground, Link(_starting(entered, ground))
        if self.entries.by_name(function) is not None:
            return
        for caller in self.holdings.graph.callers(function):
            names = self.holdings.graph.names_for(function.name, caller.path)
            yield from self._from(caller, names, function, depth)

    def _from(
        self, caller: Function, names: Sequence[str], callee: Function, depth: int
    ) -> Iterator[tuple[Ground, Link]]:
        for call in caller.calls:
            for at, argument in enumerate(call.arguments):
                if plain_name(argument) in names:
                    yield self._handed(caller, call, at, callee)
            if call.name in names:
                yield from self._called(caller, call, callee, depth)

    def _handed(
        self, caller: Function, call: ir.Call, at: int, callee: Function
    ) -> tuple[Ground, Link]:
        given = tuple(written(each) for each in call.arguments)
        points = self.points.by_callback.get(call.name, ())
        point = next((each for each in points if each.argument == at), None)
        context = point.context(given) if point else None
        what = f"{point.name}: " if point else ""
        where = f" (context: {context.name})" if context else ""
        text = f"{what}{caller.name}() hands {callee.name}() to {call.name}(){where}"
        return _of_context(context), Link(caller.step(call.span, text))

    def _called(
        self, caller: Function, call: ir.Call, callee: Function, depth: int
    ) -> Iterator[tuple[Ground, Link]]:
        step = caller.step(call.span, f"{caller.name}() calls {callee.name}()")
        for ground in self.of(caller, depth + 1) or (UNKNOWN,):
            own = self._own(caller, call.span, ground)
            for passed in self.passed(caller).get(call.span, ()):
                below = after(own, passed)
                yield (
                    Ground(below.holds, below.lacks, below.interrupts),
                    Link(step, caller, ground),
                )


def _give_up(function: Function) -> None:
    """Have it said that a function may begin in more contexts than are looked at."""
    effort().note(function.text, "in which contexts it runs", function, 0, lost=True)


def _watched(function: Function) -> Iterator[ir.Span]:
    """Give the places of a function whose contexts may be asked for."""
    yield from (call.span for call in function.calls)
    if "guard" in function.text.text:
        for node in ir.nodes(function.body):
            if isinstance(node, ir.Evaluate | ir.Scoped) and guarded(node):
                yield node.span


def _of_context(context: Context | None) -> Ground:
    if context is None:
        return Ground(handed=True)
    holds, lacks = frozenset(context.holds), frozenset(context.lacks)
    return Ground(holds, lacks, context.interrupts, handed=True)


def _starting(entered: Entered, ground: Ground) -> Step:
    step = entered.step
    context = entered.entry.context()
    text = step.text.removesuffix(", which")
    told = f"{text} (context: {context.name})" if context and ground.lacks else text
    return Step(step.path, step.line, told, step.function)


def after(ground: Ground, passed: Passed) -> Ground:
    """Give what holds where a path arrives that began with something."""
    states = kernel_names().locks.states
    given, ended = set[str](), set[str]()
    for token in passed.tokens:
        own = {token.kind.value, *states.get(token.kind, ())}
        if token.owed:
            ended |= own
        else:
            given |= own | ({lock_name(token.name)} if token.kind in LOCKS else set())
    over = {each.kind.value for each in passed.tokens if each.owed and each.kind in ENDED}
    holds = (ground.holds - ended) | given
    if any(token.kind is Held.UNKNOWN for token in passed.tokens):
        return Ground(frozenset(holds), frozenset(), ground.interrupts, ground.handed)
    # Who sleeps where the kernel forbids it shows a bug, not that it is allowed.
    lacks = (ground.lacks | (passed.lacks - ground.holds) | over) - given
    return Ground(frozenset(holds), frozenset(lacks), ground.interrupts, ground.handed)
