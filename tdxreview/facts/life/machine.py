"""State machines that all CPUs go through in step: whether their steps come in the right order.

A loop that chooses what to do by an enumerator goes through the enumerators as they count up. A
step under a condition that is not about what came before is taken by one CPU.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import names
from tdxreview.dataflow.branches_by_value import Branch, Choice, choices
from tdxreview.dataflow.domains.progress import plain
from tdxreview.facts.life.effects import Effect, Protocol
from tdxreview.facts.life.models import Lives
from tdxreview.facts.life.order import words
from tdxreview.facts.life.schema import Around, LifeStep, Needed
from tdxreview.program.unit import Function

SHUTDOWN = "TDH.SYS.SHUTDOWN"
LOOPS = (ir.While, ir.For)


class Step(Struct, frozen=True):
    """A call of a branch; `everywhere` says that every CPU makes it."""

    function: Function
    call: ir.Call
    effect: Effect
    everywhere: bool

    @property
    def ensures(self) -> frozenset[str]:
        """Give the states that it brings about if it works."""
        return plain(frozenset(s for d in self.effect.deeds if not d.failed for s in d.ensures))

    @property
    def clears(self) -> frozenset[str]:
        """Give the states that it ends."""
        return plain(frozenset(s for each in self.effect.deeds for s in each.clears))


def machine_steps(lives: Lives, function: Function) -> Iterator[LifeStep]:
    """Give the steps of the state machines in a function that come too early or too late."""
    for loop in ir.nodes(function.body):
        if isinstance(loop, LOOPS):
            for owner, choice in _machines(lives, function, loop):
                sequence = _in_order(lives, owner, choice)
                if len([steps for steps in sequence if steps]) > 1:
                    yield from _Run(lives.protocol, sequence).judged()


def _machines(lives: Lives, function: Function, loop: ir.Node) -> Iterator[tuple[Function, Choice]]:
    """Yield the choices of a loop, in it or in what it calls with the step as an argument."""
    for choice in choices(loop):
        yield function, choice
    for span, effect in lives.known(function):
        if not effect.chosen:
            continue
        for call in (each for each in ir.calls(loop) if each.span == span):
            inner = lives.function(call.name, function.path)
            if inner is not None:
                given = {each.name for each in inner.parameters}
                chosen = choices(inner.body.block)
                yield from ((inner, each) for each in chosen if each.root in given)


def _in_order(lives: Lives, owner: Function, choice: Choice) -> Sequence[tuple[Step, ...]]:
    """Give the steps of each branch in the order of their enumerators, none if it is unknown."""
    used = [name for each in choice.branches for name in each.constants]
    count = next((e for e in lives.symbols.enumerations if set(used) <= set(e)), ())
    known = dict(lives.known(owner))
    ordered = sorted(
        (each for each in choice.branches if each.constants and count),
        key=lambda each: count.index(each.constants[0]),
    )
    return [tuple(_steps(owner, choice, each, known)) for each in ordered]


def _steps(
    owner: Function, choice: Choice, branch: Branch, known: Mapping[ir.Span, Effect]
) -> Iterator[Step]:
    results = _results(owner, known)
    alone = any(_is_of_cpu(test, choice, results) for test in branch.also)
    for part in branch.body:
        guarded = {
            call.span
            for node in ir.walk(part)
            if isinstance(node, ir.If | ir.Conditional) and _is_of_cpu(node.test, choice, results)
            for call in ir.calls(node)
        }
        for call in ir.calls(part):
            if call.span in known:
                yield Step(owner, call, known[call.span], not alone and call.span not in guarded)


def _results(owner: Function, known: Mapping[ir.Span, Effect]) -> frozenset[str]:
    """Give the variables that hold what a step came to."""
    return frozenset(
        node.target.id
        for node in ir.nodes(owner.body)
        if isinstance(node, ir.Assign)
        and isinstance(node.target, ir.Name)
        and any(call.span in known for call in ir.calls(node.value))
    )


def _is_of_cpu(test: ir.Expr, choice: Choice, results: frozenset[str]) -> bool:
    """Tell whether a condition may say which CPU takes a step: not what the step is, or came to."""
    others = {*names(test)} - results - {choice.root}
    return bool(others) or next(ir.calls(test), None) is not None


@dataclass
class _Run:
    """One run through the steps: what the module is known to be, and not to be any more.

    `alone` was brought about on one CPU, `partly` by one CPU where all of them have to.
    """

    protocol: Protocol
    sequence: Sequence[tuple[Step, ...]]
    done: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    alone: set[str] = field(default_factory=set)
    partly: set[str] = field(default_factory=set)

    def judged(self) -> Iterator[LifeStep]:
        """Give the steps that lack something, the first need of each."""
        shared = any(not step.everywhere for steps in self.sequence for step in steps)
        for at, steps in enumerate(self.sequence):
            later = {s for rest in self.sequence[at + 1 :] for step in rest for s in step.ensures}
            for step in steps:
                needed = self._needs(step)
                lacks = self._lacking(step, needed, later)
                if lacks is not None:
                    need, said = lacks
                    yield self._told(step, need, needed[need], said)
                self._taken(step)
                again = step.clears & plain(frozenset(needed))
                if shared and step.everywhere and again and lacks is None:
                    need = min(each for each in needed if each.partition("@")[0] in again)
                    yield self._told(step, need, needed[need], Needed.UNDONE, Around.NOT_SEEN)

    def _needs(self, step: Step) -> dict[str, str]:
        """Give what a step needs, and what comes before that, each with the leaf that needs it."""
        direct = dict(step.effect.needs)
        above = {name: leaf for need, leaf in direct.items() for name in self._chain(need)}
        return {name: leaf for name, leaf in above.items() if name in step.effect.chain} | direct

    def _chain(self, need: str) -> frozenset[str]:
        return self.protocol.chain(need.partition("@")[0])

    def _lacking(
        self, step: Step, needed: Mapping[str, str], later: set[str]
    ) -> tuple[str, Needed] | None:
        """Give what a step lacks: unknown is what an earlier step ended, and none brings back."""
        down = plain(frozenset(self.protocol.of_leaf[SHUTDOWN].ensures))
        for need in sorted(needed):
            name = need.partition("@")[0]
            if name in self.done:
                if need.endswith("@all-cpus") and name in self.alone:
                    return need, Needed.ON_THIS_CPU
            elif name not in step.ensures and name in self.gone | down:
                if name in later:
                    return need, Needed.LATER
                if name in self.partly:
                    return need, Needed.UNDONE
        return None

    def _taken(self, step: Step) -> None:
        ensures = {s for s in step.ensures if step.everywhere or not self._takes_all(s)}
        self.partly |= step.ensures - ensures
        self.gone |= step.clears
        self.done -= step.clears
        self.done |= ensures
        self.gone -= ensures
        self.alone = self.alone - ensures if step.everywhere else self.alone | ensures

    def _takes_all(self, state: str) -> bool:
        """Tell whether a state is reached only when every CPU has made the call."""
        contract = self.protocol.of_leaf.get(self.protocol.provider.get(state, ""))
        return contract is not None and contract.every_cpu

    def _told(
        self, step: Step, need: str, leaf: str, needed: Needed, around: Around = Around.DONE
    ) -> LifeStep:
        function, call = step.function, step.call
        text = f"{call.name}() does {leaf}: {SAID[needed]}"
        return LifeStep(
            place=function.place(call.span),
            function=function.name,
            partial=function.partial,
            callee=call.name,
            leaf=leaf,
            needs_what=words(self.protocol, need),
            needed=needed,
            around=around,
            needs=need.partition("@")[0],
            evidence=(("needed", (function.step(call.span, text),)),),
        )


SAID = {
    Needed.LATER: "a later step of the machine brings about what it needs",
    Needed.UNDONE: "an earlier step of the machine, or another CPU in this one, has undone it",
    Needed.ON_THIS_CPU: "an earlier step does what it needs on one CPU only",
}
