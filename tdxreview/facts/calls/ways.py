"""By which ways the kernel comes to a function, as far as they are in view."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tdxreview.cache import Identity
from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name
from tdxreview.dataflow.domains.lock_summaries import Holdings
from tdxreview.dataflow.domains.lockset import without_debts
from tdxreview.dataflow.locking import Token
from tdxreview.dataflow.protocol import Protocol
from tdxreview.facts.calls.schema import ANY_LOCKS, Above, Called, Entry, Locks, Ways
from tdxreview.facts.calls.section import section_of
from tdxreview.kernel.context import Held
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import Context, EntryPoint
from tdxreview.program.callgraph import CallGraph
from tdxreview.program.entry_points import Entries, Points, entries_of
from tdxreview.program.symbols import Key, key_of
from tdxreview.program.unit import Function
from tdxreview.source.model import Image

MOST = 400
"""Functions that are followed upwards from one; what is above the last of them is out of view."""


class Ascent:
    """The ways of one state of the code, found when they are asked for."""

    def __init__(self, graph: CallGraph, images: Sequence[Image], abi: Abi) -> None:
        self._graph = graph
        self._points: Points = Protocol.of(abi).points
        self._entries: Entries = entries_of(Identity(images), self._points)
        self._holdings = Holdings(graph)
        self._found: dict[Key, tuple[Above, ...]] = {}
        self._edges: dict[Key, tuple[tuple[Function, Called], ...]] = {}

    def ways(self, function: Function, call: ir.Call | None) -> Ways:
        """Give the ways to a call in a function; None for one that is no call of its own."""
        key = key_of(function)
        if key not in self._found:
            self._found[key] = tuple(self._above(function))
        return Ways(self._found[key], ANY_LOCKS if call is None else self._locks(function, call))

    def _above(self, function: Function) -> Iterator[Above]:
        numbers = {key_of(function): 0}
        todo = deque([function])
        while todo:
            each = todo.popleft()
            callers: list[Called] = []
            for caller, called in self._edges_to(each):
                key = key_of(caller)
                if key not in numbers and len(numbers) == MOST:
                    continue
                if key not in numbers:
                    numbers[key] = len(numbers)
                    todo.append(caller)
                callers.append(called._replace(caller=numbers[key]))
            yield Above(each.name, section_of(each), tuple(callers), tuple(self._entered(each)))

    def _edges_to(self, function: Function) -> tuple[tuple[Function, Called], ...]:
        """Give the callers of a function with their calls, which have no number yet."""
        key = key_of(function)
        if key not in self._edges:
            self._edges[key] = tuple(
                (caller, self._called(caller, call, function, point))
                for caller, call, point in self._uses(function)
            )
        return self._edges[key]

    def _entered(self, function: Function) -> Iterator[Entry]:
        for entered in self._entries.all_of(function):
            yield Entry(entered.entry.name, entered.step, _begun(entered.entry.context()))

    def _uses(self, function: Function) -> Iterator[tuple[Function, ir.Call, EntryPoint | None]]:
        """Yield the calls of a function, and those that it is handed to, with what they are."""
        for caller in self._graph.callers(function):
            names = self._graph.names_for(function.name, caller.path)
            for call in caller.calls:
                for at, argument in enumerate(call.arguments):
                    point = self._point(call, at) if plain_name(argument) in names else None
                    if point is not None:
                        yield caller, call, point
                if call.name in names:
                    yield caller, call, None

    def _point(self, call: ir.Call, at: int) -> EntryPoint | None:
        points = self._points.by_callback.get(call.name, ())
        return next((each for each in points if each.argument == at), None)

    def _called(
        self, caller: Function, call: ir.Call, function: Function, point: EntryPoint | None
    ) -> Called:
        if point is None:
            step = caller.step(call.span, f"{caller.name}() calls {function.name}()")
            return Called(0, step, self._locks(caller, call))
        text = f"{point.name}: {caller.name}() hands {function.name}() to {call.name}()"
        return Called(0, caller.step(call.span, text), _begun(point.context()), point.name)

    def _locks(self, function: Function, call: ir.Call) -> Locks:
        """Give what is held at a call; of a function that is seen in part more may be."""
        ways = [without_debts(way) for way in self._holdings.of(function).at(call)]
        if not ways:
            return ANY_LOCKS
        kinds, names = [_kinds(way) for way in ways], [_names(way) for way in ways]
        doubted = any(token.kind is Held.UNKNOWN for way in ways for token in way)
        return Locks(
            kinds=frozenset().union(*kinds),
            names=frozenset().union(*names),
            always=frozenset.intersection(*kinds),
            always_named=frozenset.intersection(*names),
            known=not (function.partial or doubted),
        )


def _kinds(tokens: frozenset[Token]) -> frozenset[str]:
    states = kernel_names().locks.states
    own = {token.kind.value for token in tokens}
    return frozenset(own.union(*(states.get(token.kind, ()) for token in tokens)))


def _names(tokens: frozenset[Token]) -> frozenset[str]:
    return frozenset(token.name for token in tokens if token.name)


def _begun(context: Context | None) -> Locks:
    """Give what is held where the kernel begins in a context; no lock of ours is."""
    if context is None:
        return ANY_LOCKS
    holds = frozenset(context.holds)
    return Locks(kinds=holds, always=holds)


@lru_cache(maxsize=4)
def ascent(graph: CallGraph, images: Identity[Image], abi: Identity[Abi]) -> Ascent:
    """Give the ways of a state of the code; put together once for the same state."""
    return Ascent(graph, images.objects, abi.objects[0])
