"""Calls that take the CPU hotplug lock where it is held already."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.dataflow.contexts import Contexts, Ground
from tdxreview.dataflow.control_dependence import asks_of
from tdxreview.dataflow.locking import effect
from tdxreview.facts.context.schema import HotplugCall, Recursion
from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names
from tdxreview.program.symbols import key_of
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

DEEPEST = 4
"""Callees that are followed into each other."""
LOCKED = Held.CPUS_LOCKED.value


def hotplug_calls(contexts: Contexts, function: Function) -> Iterator[HotplugCall]:
    """Give the calls of a function that take the hotplug lock, and whether it is held there."""
    for call in function.calls:
        chain = taking(contexts, function, call)
        if not chain:
            continue
        held = next(_held_by_itself(contexts, function, call), None)
        way = contexts.way(function, held)[1] if held is not None else ()
        yield HotplugCall(
            place=function.place(call.span),
            function=function.name,
            partial=function.partial,
            callee=chain[-1],
            recursion=Recursion.UNKNOWN if held is None else Recursion.RECURSIVE,
            evidence=(("recursion", (*way, *_taken(contexts, function, call, chain))),),
        )


def _held_by_itself(contexts: Contexts, function: Function, call: ir.Call) -> Iterator[Ground]:
    """Give with what a function began that holds the lock at a call: its own, or as a callback.

    What a caller holds is said at the caller's call.
    """
    for ground, here, passed in contexts.at(function, call.span):
        own = any(each.kind is Held.CPUS_LOCKED and not each.owed for each in passed.tokens)
        if LOCKED in here.holds and (own or ground.handed):
            yield ground


def _taken(
    contexts: Contexts, function: Function, call: ir.Call, chain: tuple[str, ...]
) -> Iterator[Step]:
    for passed in contexts.passed(function).get(call.span, ())[:1]:
        for token in sorted(passed.tokens, key=str):
            if token.kind is Held.CPUS_LOCKED and not token.owed:
                yield function.step(token.at, "the CPU hotplug lock is held from here on")
    yield function.step(call.span, " calls ".join(f"{name}()" for name in chain))


def taking(contexts: Contexts, function: Function, call: ir.Call) -> tuple[str, ...]:
    """Return the calls by which a call takes the hotplug lock, none if it does not for sure."""
    taken = effect(call)
    if call.name in kernel_names().locks.takes_hotplug_lock or (
        taken.success is None and any(each.kind is Held.CPUS_LOCKED for each in taken.takes)
    ):
        return (call.name,)
    callee = contexts.holdings.graph.symbols.function(call.name, function.path)
    if callee is None or not callee.text.head or callee.name == function.name:
        return ()
    inner = _taking(contexts, callee)
    return (call.name, *inner) if inner and len(inner) < DEEPEST else ()


def _taking(contexts: Contexts, function: Function) -> tuple[str, ...]:
    """Return the calls by which a function takes the lock that its caller may hold."""
    key = key_of(function)
    if key not in contexts.chains:
        contexts.chains[key] = ()  # what calls itself takes it elsewhere, if it does
        names = frozenset(each.name for each in function.parameters if each.name)
        for call in function.calls:
            chain = taking(contexts, function, call)
            if chain and _with_the_callers_lock(contexts, function, call, names):
                contexts.chains[key] = chain
                break
    return contexts.chains[key]


def _with_the_callers_lock(
    contexts: Contexts, callee: Function, call: ir.Call, names: frozenset[str]
) -> bool:
    """Tell whether a function comes to a call with the locks that it was called with."""
    ways = contexts.passed(callee).get(call.span, ())
    given_back = any(
        token.owed and token.kind is Held.CPUS_LOCKED for way in ways for token in way.tokens
    )
    return bool(ways) and not given_back and not (names and asks_of(callee.body, call.span, names))
