"""Locks, interrupts and instrumentation around SEAMCALLs: subjects for the ctx rules."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.lock_summaries import Holdings
from tdxreview.dataflow.domains.lockset import Exit as Way
from tdxreview.dataflow.domains.lockset import without_debts
from tdxreview.dataflow.locking import Token
from tdxreview.dataflow.sleeping import Blockers
from tdxreview.facts.context.intended_locks import intended, what_of
from tdxreview.facts.context.schema import Blocking, Exit
from tdxreview.facts.model import Subject
from tdxreview.kernel.context import Blocks, Held
from tdxreview.kernel.names import kernel_names
from tdxreview.program.arguments import Handovers, handovers_of
from tdxreview.program.program import Program, on_path
from tdxreview.program.unit import Function
from tdxreview.regex import regex
from tdxreview.source.place import Step

_MEANT = regex(
    r"(?:^|_)(?:try)?(?:lock|acquire|begin|enter|load|disable|pause|freeze|hold|suspend|start)(?:_|$)"
)
_SAID = ("__acquires(", "__must_hold(", "__cond_acquires(")
NAMED = {
    Held.RAW_SPINLOCK: "a raw spinlock",
    Held.SPINLOCK: "a spinlock",
    Held.MUTEX: "a lock",
    Held.IRQS_OFF: "interrupts off",
    Held.PREEMPT_OFF: "preemption off",
    Held.CPU_PINNED: "migration off",
    Held.BH_OFF: "bottom halves off",
    Held.RCU: "an RCU read section",
    Held.CPUS_LOCKED: "the CPU hotplug lock",
    Held.MEMORY_LOCKED: "the memory hotplug lock",
    Held.NOINSTR: "noinstr",
}
"""Words for what can be held."""


class Surroundings(Struct, frozen=True):
    """What the rules about context are decided from, for one state of the code."""

    handovers: Handovers
    holdings: Holdings
    blockers: Blockers


@lru_cache(maxsize=4)
def surroundings(program: Program) -> Surroundings:
    """Give them for a state."""
    handovers, graph = handovers_of(program), program.graph
    return Surroundings(handovers, Holdings(graph), Blockers(graph.symbols))


def context_of(program: Program, function: Function) -> Iterator[Subject]:
    """Give the subjects about the context of a function, if it is on the way to a SEAMCALL."""
    if on_path(program, function):
        around = surroundings(program)
        yield from exits(function, around)
        yield from blocking(function, around)


def exits(function: Function, around: Surroundings) -> Iterator[Exit]:
    """Give the ways out of a function that keep something they should not."""
    if _MEANT.search(function.name) or any(word in function.text.text for word in _SAID):
        return
    kept: dict[ir.Span, set[Token]] = {}
    for way in around.holdings.of(function).exits:
        kept.setdefault(way.span, set()).update(_kept(way))
    meant = intended(function, around.holdings) if any(kept.values()) else frozenset()
    for span, tokens in kept.items():
        left = [token for token in tokens if what_of(token) not in meant]
        if left:
            yield _exit(function, span, sorted(left, key=str))


def _kept(way: Way) -> Iterator[Token]:
    found = without_debts(way.tokens)
    return (token for token in found if not token.asserted and token.kind is not Held.UNKNOWN)


def _exit(function: Function, span: ir.Span, tokens: list[Token]) -> Exit:
    steps = (
        *(function.step(token.at, f"{named(token)} from here") for token in tokens),
        function.step(span, "left with it"),
    )
    return Exit(
        place=function.place(span),
        function=function.name,
        partial=function.partial and not _is_return(function, span),
        lock=" and ".join(dict.fromkeys(named(token) for token in tokens)),
        keeps=frozenset(token.kind for token in tokens),
        evidence=(("keeps", steps),),
    )


def _is_return(function: Function, span: ir.Span) -> bool:
    """Tell whether a way out is a statement that is shown, and not the end of what is."""
    return any(
        isinstance(each, ir.Return) and each.span == span for each in ir.nodes(function.body)
    )


def named(token: Token) -> str:
    """Give words for something held."""
    if token.kind is Held.ERRATUM:
        return f"the test for {token.name}"
    word = NAMED.get(token.kind, "a lock")
    locks = {Held.RAW_SPINLOCK, Held.SPINLOCK, Held.MUTEX}
    return f"`{token.name}`" if token.kind in locks and token.name else word


def blocking(function: Function, around: Surroundings) -> Iterator[Blocking]:
    """Give the calls of a function that may block while something is held."""
    holding = around.holdings.of(function)
    if not holding.calls:
        return
    for call in function.calls:
        tokens = {token for way in holding.at(call) for token in without_debts(way)}
        found = around.blockers.of(call, function.path) if tokens else None
        if found is not None:
            yield _blocking(function, call, found, sorted(tokens, key=str))


def _forbids(token: Token, blocks: Blocks) -> bool:
    if blocks is Blocks.WAITS_FOR_CPUS:
        return token.kind is Held.IRQS_OFF
    return token.kind in kernel_names().locks.atomic


def _blocking(
    function: Function,
    call: ir.Call,
    found: tuple[Blocks, tuple[str, ...]],
    tokens: Iterable[Token],
) -> Blocking:
    blocks, chain = found
    tokens = [token for token in tokens if _forbids(token, blocks)] or list(tokens)
    words = " and ".join(dict.fromkeys(named(token) for token in tokens))
    steps: tuple[Step, ...] = (
        *(function.step(token.at, f"{named(token)} from here") for token in tokens),
        function.step(call.span, " calls ".join(f"{name}()" for name in chain)),
    )
    return Blocking(
        place=function.place(call.span),
        function=function.name,
        callee=chain[-1],
        lock=words,
        blocks=blocks,
        under=frozenset(token.kind for token in tokens),
        evidence=(("under", steps),),
    )
