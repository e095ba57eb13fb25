"""Locks that an interrupt takes as well, while their holder can be interrupted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.dataflow.contexts import Contexts, Ground
from tdxreview.dataflow.locking import Token, effect, guarded
from tdxreview.dataflow.recurring import words_in
from tdxreview.facts.context.locks import named
from tdxreview.facts.context.schema import FromInterrupt, LockUse
from tdxreview.kernel.context import Held
from tdxreview.kernel.protocol import Interrupts
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

SPINNING = frozenset({Held.SPINLOCK, Held.RAW_SPINLOCK})
OPEN_TO = {
    Interrupts.HARDIRQ: frozenset({Held.IRQS_OFF.value}),
    Interrupts.SOFTIRQ: frozenset({Held.IRQS_OFF.value, Held.BH_OFF.value}),
}
"""Who can be interrupted: where all of these surely do not hold."""


class Taken(Struct, frozen=True):
    """Where a function takes a lock; `also` is what the same call takes beside it."""

    function: Function
    token: Token
    also: frozenset[str]


def lock_uses(
    contexts: Contexts, functions: Iterable[Function], reported: Iterable[Function]
) -> Iterator[LockUse]:
    """Give where the reported functions take a lock that an interrupt takes too."""
    by_lock: dict[str, list[Taken]] = defaultdict(list)
    for function in functions:
        for taken in takes(function):
            by_lock[taken.token.name].append(taken)
    wanted = {(each.path, each.name) for each in reported}
    for uses in by_lock.values():
        own = [each for each in uses if (each.function.path, each.function.name) in wanted]
        if len(uses) > 1 and own:
            yield from _of_lock(contexts, uses, own)


def _of_lock(contexts: Contexts, uses: list[Taken], own: list[Taken]) -> Iterator[LockUse]:
    inside = [
        (use, ground, here)
        for use in uses
        for ground, here, _ in contexts.at(use.function, use.token.at)
        if here.interrupts is not Interrupts.NOTHING
    ]
    for use in own if inside else ():
        found = next(_open(contexts, use, inside), None)
        steps = () if found is None else tuple(_steps(contexts, use, *found))
        yield LockUse(
            place=use.function.place(use.token.at),
            function=use.function.name,
            partial=use.function.partial,
            lock=named(use.token),
            handler=found[1].function.name if found else "",
            from_interrupt=FromInterrupt.UNKNOWN if found is None else FromInterrupt.UNGUARDED,
            evidence=(("from_interrupt", steps),),
        )


Inside = tuple[Taken, Ground, Ground]


def _open(
    contexts: Contexts, use: Taken, inside: list[Inside]
) -> Iterator[tuple[Ground, Taken, Ground]]:
    """Give the ways to a lock that can be interrupted, each by whom."""
    for ground, here, _ in contexts.at(use.function, use.token.at):
        for other, above, there in inside:
            needed = OPEN_TO[there.interrupts]
            same = other.function.name == use.function.name and here.interrupts == there.interrupts
            if needed <= here.lacks and use.also.isdisjoint(needed) and not same:
                yield ground, other, above


def _steps(
    contexts: Contexts, use: Taken, ground: Ground, other: Taken, above: Ground
) -> Iterator[Step]:
    yield from contexts.way(use.function, ground)[1]
    yield use.function.step(use.token.at, f"{use.function.name}() takes {named(use.token)}")
    yield from contexts.way(other.function, above)[1]
    name = other.function.name
    yield other.function.step(other.token.at, f"{name}() takes it in an interrupt")


def takes(function: Function) -> tuple[Taken, ...]:
    """Return where a function takes spinning locks that are not its own or given to it."""
    own = frozenset(each.name for each in function.parameters)
    return tuple(
        Taken(function, token, also)
        for token, also in _tokens(function.body)
        if words_in(token.name).isdisjoint(own | _declared(function.body))
    )


@lru_cache(maxsize=4096)
def _tokens(body: ir.Body) -> tuple[tuple[Token, frozenset[str]], ...]:
    found: list[tuple[Token, frozenset[str]]] = []
    for node in ir.nodes(body):
        taken: tuple[Token, ...] = ()
        if isinstance(node, ir.Call) and node.name:
            taken = effect(node).takes
        elif isinstance(node, ir.Evaluate | ir.Scoped):
            taken = guarded(node)
        also = frozenset(each.kind.value for each in taken)
        found += [(each, also) for each in taken if each.kind in SPINNING and each.name]
    return tuple(found)


@lru_cache(maxsize=4096)
def _declared(body: ir.Body) -> frozenset[str]:
    return frozenset(
        node.name for node in ir.nodes(body) if isinstance(node, ir.Declare) and not node.static
    )
