"""The ways into a function, call by call, from where the kernel starts running."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import plain_name
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.protocol import EntryPoint
from tdxreview.program.callgraph import CallGraph
from tdxreview.program.entry_points import Entered, Entries, Points
from tdxreview.program.unit import Function
from tdxreview.source.model import Image

MOST_ROUTES = 200
"""Ways into a function beyond these are not followed."""
DEEPEST = 14
"""Calls on a way; the callers above are not asked for."""


class Hop(Struct, frozen=True):
    """A step down: `caller` calls `callee`, or hands it to `by`, at each of `spans`.

    `by` is empty for a call; `handing` is what the protocol knows of `by`.
    """

    caller: Function
    spans: tuple[ir.Span, ...]
    callee: str
    by: str = ""
    handing: EntryPoint | None = None


class Route(Struct, frozen=True):
    """A way into a function: it begins in `top`, and its hops lead down.

    `entered` says how the kernel comes to `top`, None where nothing in view says so.
    """

    top: Function
    entered: Entered | None
    hops: tuple[Hop, ...] = ()


class Routes:
    """The ways into the functions of one state of the code."""

    def __init__(self, images: Sequence[Image], graph: CallGraph, points: Points) -> None:
        self._graph = graph
        self._points = points
        self._entries = Entries(images, points)
        self._at = {(each.path, each.line): each for each in graph.symbols.functions}

    def function(self, path: str, line: int) -> Function | None:
        """Give the function whose first line this is, None if there is none."""
        return self._at.get((path, line))

    def to(self, function: Function) -> tuple[Route, ...]:
        """Give the ways into a function, the shortest first; at most MOST_ROUTES of them."""
        found = islice(self._above(function, (), frozenset()), MOST_ROUTES)
        return tuple(sorted(found, key=lambda route: len(route.hops)))

    def callers(self, function: Function) -> tuple[Hop, ...]:
        """Give the calls of a function in view, and where it is handed over."""
        found: dict[tuple[str, str, str, EntryPoint | None], list[ir.Span]] = defaultdict(list)
        users: dict[tuple[str, str], Function] = {}
        for user in self._graph.callers(function):
            users[user.path, user.name] = user
            for name in self._graph.names_for(function.name, user.path):
                for span, by, handing in self._uses(user, name):
                    found[user.path, user.name, by, handing].append(span)
        return tuple(
            Hop(users[path, name], tuple(sorted(spans, key=_order)), function.name, by, handing)
            for (path, name, by, handing), spans in found.items()
        )

    def _above(
        self, function: Function, below: tuple[Hop, ...], seen: frozenset[str]
    ) -> Iterator[Route]:
        entered = self._entries.all_of(function)
        by_name = self._entries.by_name(function) is not None
        seen |= {function.name}
        above = () if by_name or len(below) >= DEEPEST else self.callers(function)
        hops = [hop for hop in above if hop.caller.name not in seen]
        for each in entered:
            yield Route(function, each, below)
        if not entered and not hops:
            yield Route(function, None, below)
        for hop in hops:
            yield from self._above(hop.caller, (hop, *below), seen)

    def _uses(self, user: Function, name: str) -> Iterator[tuple[ir.Span, str, EntryPoint | None]]:
        for call in user.calls:
            if call.name == name:
                yield call.span, "", None
            for at, argument in enumerate(call.arguments):
                if plain_name(argument) == name and call.name not in kernel_names().calls.prints:
                    yield call.span, call.name, self._handing(call.name, at)

    def _handing(self, by: str, argument: int) -> EntryPoint | None:
        points = self._points.by_callback.get(by, ())
        return next((point for point in points if point.argument == argument), None)


def _order(span: ir.Span) -> tuple[int, int]:
    return span.line, span.column
