"""What may block in functions that the kernel starts where nothing may: interrupts, softirqs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.dataflow.contexts import Contexts, Ground
from tdxreview.dataflow.domains.shown import SLEEPING, Passed
from tdxreview.dataflow.locking import guarded
from tdxreview.facts.context.locks import NAMED
from tdxreview.facts.context.schema import Blocking
from tdxreview.kernel.context import Blocks, Held
from tdxreview.kernel.names import kernel_names
from tdxreview.program.unit import Function

KINDS = (Held.IRQS_OFF, Held.BH_OFF, Held.PREEMPT_OFF)
"""What an entry point can begin with that forbids to sleep, what says most first."""


class Blocker(Struct, frozen=True):
    """A call or guard that may block, and the calls by which it comes to that."""

    span: ir.Span
    chain: tuple[str, ...]
    blocks: Blocks


def blocked_entries(
    contexts: Contexts, function: Function, told_apart: Callable[[str, str], bool]
) -> Iterator[Blocking]:
    """Give what may block in a function that is begun, on a way in view, where nothing may.

    What a callee does is left to the callee where `told_apart` says that it is asked as well.
    """
    for each in _blockers(contexts, function):
        inner = len(each.chain) > 1 and told_apart(each.chain[0], function.path)
        found = None if inner else _begun(contexts, function, each)
        if found is not None:
            ground, kind = found
            last = function.step(each.span, " calls ".join(f"{name}()" for name in each.chain))
            yield Blocking(
                place=function.place(each.span),
                function=function.name,
                partial=function.partial,
                callee=each.chain[-1],
                lock=NAMED[kind],
                blocks=each.blocks,
                under=frozenset({kind}),
                evidence=(("under", (*contexts.way(function, ground)[1], last)),),
            )


def _blockers(contexts: Contexts, function: Function) -> Iterator[Blocker]:
    for call in function.calls:
        found = contexts.blockers.of(call, function.path)
        if found is not None:
            yield Blocker(call.span, found[1], found[0])
    if "guard" in function.text.text:
        for node in ir.nodes(function.body):
            if isinstance(node, ir.Evaluate | ir.Scoped):
                kinds = {each.kind for each in guarded(node)}
                if kinds & SLEEPING:
                    yield Blocker(node.span, ("guard",), Blocks.SLEEPS)


def _begun(contexts: Contexts, function: Function, found: Blocker) -> tuple[Ground, Held] | None:
    """Return a context of the function's in which the kernel forbids to block, and by what."""
    kinds = KINDS if found.blocks is Blocks.SLEEPS else KINDS[:1]
    for ground, here, passed in contexts.at(function, found.span):
        if _is_told_by_locks(passed) or contexts.hangs_on_caller(function, found.span, ground):
            continue
        start = contexts.start(function, ground)
        kind = next((each for each in kinds if each.value in start.holds & here.holds), None)
        if kind is not None:
            return ground, kind
    return None


def _is_told_by_locks(passed: Passed) -> bool:
    """Tell whether the function itself holds what forbids it: that is told without its callers."""
    atomic = kernel_names().locks.atomic
    return any(not each.owed and each.kind in atomic for each in passed.tokens)
