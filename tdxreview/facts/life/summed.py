"""What a function does to steps and pages, drawn from everything that its paths meet."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.dataflow.branches_by_value import choices
from tdxreview.dataflow.domains import page_sets
from tdxreview.dataflow.domains.progress import ANY_PAGE, PAMT, Deed, plain
from tdxreview.facts.life import summaries
from tdxreview.facts.life.effects import Effect
from tdxreview.facts.life.page_moves import generalised
from tdxreview.facts.life.transfer import Followed
from tdxreview.program.unit import Function

UNCLEAR = Effect(doubtful=True)


def summed(function: Function, ways: Followed) -> Effect | None:
    """Give what a call of a function means, in its parameters' names; None if it means nothing."""
    if ways.lost:
        return UNCLEAR
    names = frozenset(each.name for each in function.parameters) | {ANY_PAGE, PAMT}
    ends = (summaries.deed(end.state, names) for end in ways.ends)
    own = generalised(function.body)

    def told(pages: Iterator[frozenset[str]]) -> frozenset[str]:
        return page_sets.for_caller(own(frozenset[str]().union(*pages)), names)

    frees, clears = told(_freed(ways)), told(a.effect.clears for a in ways.arrivals)
    found = Effect(
        deeds=summaries.told(tuple(dict.fromkeys(ends))),
        needs=tuple(sorted(_needs(ways))),
        chain=frozenset(_chain(ways)),
        frees=frees,
        clears=clears,
        retires=told(_retired(ways)) - frees,
        doubtful=any(a.effect.doubtful for a in ways.arrivals),
        chosen=_is_chosen(function, ways),
    )
    return found if found != Effect((Deed(),)) else None


def _is_chosen(function: Function, ways: Followed) -> bool:
    """Tell whether a parameter says which of several steps a function takes."""
    given = {each.name for each in function.parameters}
    steps = {arrival.call.span for arrival in ways.arrivals if arrival.effect.deeds}
    return len(steps) > 1 and any(each.root in given for each in choices(function.body.block))


def _freed(ways: Followed) -> Iterator[frozenset[str]]:
    """Yield the pages that are freed as callers left them."""
    for each in ways.arrivals:
        known = each.state.pages.all()
        if ANY_PAGE not in known:
            yield each.effect.frees - known


def _retired(ways: Followed) -> Iterator[frozenset[str]]:
    """Yield the pages that are freed after they were cleared."""
    for each in ways.arrivals:
        yield each.effect.retires | page_sets.meeting(each.effect.frees, each.state.pages.clean)


def _needs(ways: Followed) -> set[tuple[str, str]]:
    overtaken = {(span, state) for span, state, _ in ways.overtaken}
    return {
        (need, leaf)
        for arrival in ways.arrivals
        if not arrival.state.doubtful
        for need, leaf in arrival.effect.needs
        if summaries.unmet(need, arrival.state.done, arrival.state.cleared)
        and (arrival.call.span, need.partition("@")[0]) not in overtaken
    }


def _chain(ways: Followed) -> set[str]:
    overtaken = {(span, state) for span, state, _ in ways.overtaken}
    return {
        name
        for a in ways.arrivals
        if not a.state.doubtful
        for name in a.effect.chain - plain(a.state.done) - a.state.cleared
        if (a.call.span, name) not in overtaken
    }
