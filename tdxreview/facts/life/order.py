"""Steps of the module's and of a TD's life: whether each comes after what it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.dataflow.domains import page_sets
from tdxreview.dataflow.domains.progress import (
    ANY_PAGE,
    FLUSHED,
    HERE,
    PAMT,
    WRITTEN,
    Progress,
    plain,
)
from tdxreview.facts.life.effects import Protocol
from tdxreview.facts.life.models import Lives
from tdxreview.facts.life.needed import facts_of
from tdxreview.facts.life.schema import LifeStep, Order
from tdxreview.facts.life.summaries import reached
from tdxreview.facts.life.transfer import Arrival, Followed
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

GRAVITY = (
    *(Order.AFTER_SHUTDOWN, Order.EARLY, Order.SKIPPED, Order.UNDONE, Order.ONE_CPU),
    *(Order.AFTER_FAILURE, Order.PARTLY, Order.UNKNOWN, Order.NOWHERE, Order.KEPT),
)
"""Of several needs the first of these is said."""
OPEN = frozenset([Order.PARTLY, Order.UNKNOWN, Order.NOWHERE])
LOADED = "module-loaded"
"""Who installs the module may be firmware, so that only a call before it is known to be wrong."""


def steps_of(lives: Lives, function: Function) -> Iterator[LifeStep]:
    """Give the steps that a function takes, those that need something."""
    ways = lives.paths(function)
    groups: dict[ir.Span, list[Arrival]] = defaultdict(list)
    for arrival in ways.arrivals:
        if arrival.effect.needs:
            groups[arrival.call.span].append(arrival)
    for arrivals in groups.values():
        yield _step(lives.protocol, function, arrivals, ways)


def _step(
    protocol: Protocol, function: Function, arrivals: list[Arrival], ways: Followed
) -> LifeStep:
    first = arrivals[0]
    judged = [(_order(protocol, need, arrivals, ways), need) for need in first.effect.needs]
    (order, at), (need, leaf) = min(judged, key=lambda each: GRAVITY.index(each[0][0]))
    steps = _steps(protocol, function, order, at, (need, leaf), ways)
    kept = tuple(need for (order, _), need in judged if order is Order.KEPT)
    doubt = _in_doubt(function, arrivals, ways)
    unsure = tuple(need for (order, _), need in judged if order in OPEN and not doubt)
    return LifeStep(
        place=function.place(first.call.span),
        function=function.name,
        partial=function.partial,
        callee=first.call.name,
        leaf=leaf,
        needs_what=words(protocol, need),
        **facts_of(order),
        needs=need.partition("@")[0],
        kept=kept,
        open=unsure,
        evidence=(("needed", steps),),
    )


def _in_doubt(function: Function, arrivals: list[Arrival], ways: Followed) -> bool:
    """Tell whether somebody out of view may have done what a call needs; what a hunk hides not."""
    if function.text.head:
        return any(each.state.doubtful for each in arrivals)
    return any(each.effect.doubtful for each in ways.arrivals)


def words(protocol: Protocol, need: str) -> str:
    """Give a needed state in words: the leaf or the function that brings it about."""
    name = need.partition("@")[0]
    if name == FLUSHED:
        return "a flush of all caches"
    where = " on every CPU" if need.endswith("@all-cpus") else ""
    return protocol.provider.get(name, name) + where


def _order(
    protocol: Protocol, wanted: tuple[str, str], arrivals: list[Arrival], ways: Followed
) -> tuple[Order, Arrival]:
    need, _ = wanted
    name = need.partition("@")[0]
    lacking = [each for each in arrivals if not reached(need, each.state.done)]
    if not lacking:
        return Order.KEPT, arrivals[0]
    if name in protocol.of_module:
        for each in lacking:
            if name in each.state.cleared:
                return _since_shutdown(protocol, name, each, ways), each
    for each in lacking:
        if name in each.state.failed and not each.state.doubtful:
            return Order.AFTER_FAILURE, each
    if len(lacking) < len(arrivals):
        return Order.PARTLY, lacking[0]
    return _nowhere(protocol, name, lacking, ways)


def _since_shutdown(protocol: Protocol, name: str, at: Arrival, ways: Followed) -> Order:
    """Judge a call after a shutdown: what was done again since may be in the wrong order."""
    if at.state.doubtful:
        return Order.UNKNOWN
    if _overtaking(protocol, name, at.call, ways) is not None:
        return Order.EARLY
    if name == LOADED:
        return Order.UNKNOWN
    again = protocol.before(name) & plain(at.state.done)
    return Order.UNDONE if again else Order.AFTER_SHUTDOWN


def _nowhere(
    protocol: Protocol, name: str, lacking: list[Arrival], ways: Followed
) -> tuple[Order, Arrival]:
    """Judge a call that is reached without what it needs on every path."""
    here = f"{name}{HERE}"
    if name != FLUSHED and any(here in a.state.done and not a.state.doubtful for a in lacking):
        return Order.ONE_CPU, lacking[0]
    if _overtaking(protocol, name, lacking[0].call, ways) is not None:
        return Order.EARLY, lacking[0]
    before = protocol.before(name)
    undone = name not in protocol.of_module and not any(a.state.doubtful for a in lacking)
    if undone and all(name in a.state.cleared for a in lacking):
        return Order.UNDONE, lacking[0]
    for each in lacking:
        if before & plain(each.state.done) and not any(a.state.doubtful for a in lacking):
            return Order.SKIPPED, each
    doubtful = any(each.state.doubtful for each in lacking)
    return Order.UNKNOWN if doubtful else Order.NOWHERE, lacking[0]


def _overtaking(protocol: Protocol, name: str, call: ir.Call, ways: Followed) -> ir.Call | None:
    """Give the later call that brings a state about, or one that has to come before it."""
    chain = protocol.chain(name)
    found = (later for span, s, later in ways.overtaken if span == call.span and s in chain)
    return next(found, None)


def _steps(
    protocol: Protocol,
    function: Function,
    order: Order,
    arrival: Arrival,
    wanted: tuple[str, str],
    ways: Followed,
) -> tuple[Step, ...]:
    need, leaf = wanted
    name = need.partition("@")[0]
    call = arrival.call
    steps = [function.step(each.span, each.text) for each in arrival.state.trail]
    steps.append(function.step(call.span, f"{call.name}() does {leaf}: {SAID[order]}"))
    if order is Order.EARLY:
        later = _overtaking(protocol, name, call, ways) or call
        steps.append(function.step(later.span, f"only {later.name}() comes to that"))
    return tuple(steps)


SAID = {
    Order.KEPT: "what it needs is done",
    Order.EARLY: "what it needs is not done yet",
    Order.SKIPPED: "what it needs is left out",
    Order.PARTLY: "what it needs is done on other paths",
    Order.AFTER_FAILURE: "what it needs has failed on this path",
    Order.AFTER_SHUTDOWN: "the module is shut down",
    Order.ONE_CPU: "what it needs is done on this CPU only",
    Order.LOST: "what it needs is no longer done before it",
    Order.UNDONE: "what it needs is undone, and left out since",
    Order.NOWHERE: "what it needs is for callers to do",
    Order.UNKNOWN: "what it needs is for callers to do",
}


def going_round(lives: Lives, function: Function) -> Iterator[LifeStep]:
    """Give the loops that go on to the next package or TDMR though one has failed."""
    ways = lives.paths(function)
    again = {(span, name, failed): state for span, name, failed, state in ways.rounds}
    for (span, name, failed), state in again.items():
        if failed and _is_piecewise(lives.protocol, name) and (span, name, False) in again:
            yield _round(lives, function, span, name, state)


def _is_piecewise(protocol: Protocol, name: str) -> bool:
    state = protocol.states.get(name)
    return state is not None and state.piecewise


def _round(lives: Lives, function: Function, span: ir.Span, name: str, state: Progress) -> LifeStep:
    leaf = lives.protocol.provider.get(name, name)
    last = state.trail[-1].span if state.trail else span
    steps = [function.step(each.span, each.text) for each in state.trail]
    steps.append(function.step(span, f"the loop goes on with {leaf} for the next, and is not left"))
    call = next((each for each in function.calls if each.span == last), None)
    return LifeStep(
        place=function.place(last),
        function=function.name,
        partial=function.partial,
        callee=call.name if call else "",
        leaf=f"the next {leaf}",
        needs_what=leaf,
        **facts_of(Order.AFTER_FAILURE),
        needs=name,
        evidence=(("needed", tuple(steps)),),
    )


def cleared_unwritten(lives: Lives, function: Function) -> Iterator[LifeStep]:
    """Give the places where a page is cleared whose old lines the caches may still hold."""
    ways = lives.paths(function)
    groups: dict[ir.Span, list[Arrival]] = defaultdict(list)
    for arrival in ways.arrivals:
        if arrival.effect.clears:
            groups[arrival.call.span].append(arrival)
    for arrivals in groups.values():
        lacking = [each for each in arrivals if unwritten(each)]
        shared = PAMT in arrivals[0].effect.clears
        if lacking and (shared or len(lacking) == len(arrivals)) and not lacking[0].state.doubtful:
            yield _unwritten(lives.protocol, function, lacking[0])


def cleared_though_kept(lives: Lives, function: Function) -> Iterator[LifeStep]:
    """Give the places where a page is cleared that the module has refused to give back."""
    told: set[ir.Span] = set()
    for arrival in lives.paths(function).arrivals:
        pages, clears = arrival.state.pages, arrival.effect.clears
        kept = page_sets.meeting(pages.failed, clears)
        if clears and ANY_PAGE in pages.failed and not page_sets.meeting(pages.clean, clears):
            kept |= {ANY_PAGE}
        if kept and not arrival.state.doubtful and arrival.call.span not in told:
            told.add(arrival.call.span)
            yield _though_kept(function, arrival)


def _though_kept(function: Function, arrival: Arrival) -> LifeStep:
    call = arrival.call
    steps = [function.step(each.span, each.text) for each in arrival.state.trail]
    said = f"{call.name}() writes over a page that the module has not given back"
    return LifeStep(
        place=function.place(call.span),
        function=function.name,
        partial=function.partial,
        callee=call.name,
        leaf="the clearing of the page",
        needs_what="its return by the module",
        **facts_of(Order.AFTER_FAILURE),
        needs="page-removed",
        evidence=(("needed", (*steps, function.step(call.span, said))),),
    )


def unwritten(arrival: Arrival) -> bool:
    """Tell whether the page that a call clears has to be written back first, and was not."""
    pages = arrival.state.pages.unwritten
    named = PAMT in arrival.effect.clears or ANY_PAGE not in pages - {PAMT}
    return bool(arrival.effect.clears & pages) if named else True


def _unwritten(protocol: Protocol, function: Function, arrival: Arrival) -> LifeStep:
    call = arrival.call
    need = FLUSHED if PAMT in arrival.effect.clears else WRITTEN
    needed = words(protocol, need)
    steps = [function.step(each.span, each.text) for each in arrival.state.trail]
    said = f"{call.name}(): the caches may write old lines over it again, without {needed}"
    steps.append(function.step(call.span, said))
    return LifeStep(
        place=function.place(call.span),
        function=function.name,
        partial=function.partial,
        callee=call.name,
        leaf="the clearing of the page",
        needs_what=needed,
        **facts_of(Order.SKIPPED),
        needs=need,
        evidence=(("needed", tuple(steps)),),
    )
