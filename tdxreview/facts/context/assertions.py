"""Assertions that do not hold on some way into the function that makes them."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.dataflow.contexts import Contexts, Ground
from tdxreview.dataflow.domains.shown import LOCKS, Passed, lock_name
from tdxreview.dataflow.locking import Token, asserted
from tdxreview.facts.context.locks import named
from tdxreview.facts.context.schema import Assertion, Kept
from tdxreview.kernel.context import Held
from tdxreview.program.unit import Function
from tdxreview.source.place import Step


def assertions(contexts: Contexts, function: Function) -> Iterator[Assertion]:
    """Give what a function asserts, and whether a way into it is in view that lacks it."""
    for call in function.calls:
        token = asserted(call)
        if token is not None:
            top, steps = _broken(contexts, function, call, token)
            yield Assertion(
                place=function.place(call.span),
                function=function.name,
                partial=function.partial,
                asserts=named(token),
                kept=Kept.BROKEN if steps else Kept.UNKNOWN,
                caller=top.name,
                evidence=(("kept", steps),),
            )


def _broken(
    contexts: Contexts, function: Function, call: ir.Call, token: Token
) -> tuple[Function, tuple[Step, ...]]:
    """Return a way to an assertion that does not hold there: its first function, its steps.

    No steps if no such way is known.
    """
    wanted = lock_name(token.name) if token.kind is Held.LOCK else token.kind.value
    ways = [
        contexts.way(function, ground)
        for ground, here, passed in contexts.at(function, call.span)
        if wanted in here.lacks and not _held_somehow(token, here, passed)
    ]
    if not ways:
        return function, ()
    top, steps = min(ways, key=lambda way: len(way[1]))
    return top, (*steps, function.step(call.span, f"{call.name}() in {function.name}()"))


def _held_somehow(token: Token, here: Ground, passed: Passed) -> bool:
    """Tell whether a lock is held that may be the wanted one by another name."""
    return token.kind is Held.LOCK and (
        any(each.kind in LOCKS for each in passed.tokens)
        or any(each in LOCKS for each in here.holds)
    )
