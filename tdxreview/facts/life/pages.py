"""Pages on their way back to the kernel: who owns them there, and whether they are cleared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import structs
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.page_sets import meeting
from tdxreview.dataflow.domains.progress import ANY_PAGE, PAMT, Progress
from tdxreview.facts.life.models import Lives
from tdxreview.facts.life.schema import Done, Owner, PageReturn
from tdxreview.facts.life.transfer import Arrival, Followed, shown
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words_of
from tdxreview.program.unit import Function
from tdxreview.regex import regex
from tdxreview.source.place import Step

WRITES_BACK = "TDH.PHYMEM.PAGE.WBINVD"
"""The last step before a page that the module gave back is the kernel's again."""


def returns_of(lives: Lives, function: Function) -> Iterator[PageReturn]:
    """Give the places in a function where a page that the module had goes back."""
    ways = lives.paths(function)
    groups: dict[ir.Span, list[Arrival]] = defaultdict(list)
    for arrival in ways.arrivals:
        if arrival.effect.lets_go:
            groups[arrival.call.span].append(arrival)
    found = [_returned(function, arrivals) for arrivals in groups.values()]
    yield from (each for each in found if each is not None)
    if not any(each and each.cleared is Done.NOT_SEEN for each in found):
        yield from _kept_dirty(lives, function, ways)


def _returned(function: Function, arrivals: list[Arrival]) -> PageReturn | None:
    judged = {_judged(each): each for each in reversed(arrivals)}
    for owner, clearing in VERDICTS:
        if (owner, clearing) in judged:
            at = judged[owner, clearing]
            doubt = clearing is Done.NOT_SEEN and any(_cleared_like(at, e) for e in arrivals)
            return _subject(function, at, owner, Done.UNKNOWN if doubt else clearing)
    return None


def _cleared_like(dirty: Arrival, other: Arrival) -> bool:
    """Tell whether a path that did the same steps has cleared the page: some need not do it."""
    same = (dirty.state.done, dirty.state.failed) == (other.state.done, other.state.failed)
    return same and _judged(other) == (Owner.KERNEL, Done.DONE)


VERDICTS = (
    (Owner.MODULE, Done.UNKNOWN),
    (Owner.KERNEL, Done.NOT_SEEN),
    (Owner.KERNEL, Done.DONE),
)
"""Where paths differ, the first that one of them has is said."""
NOT_KNOWN = (Owner.UNKNOWN, Done.UNKNOWN)


def _judged(arrival: Arrival) -> tuple[Owner, Done]:
    pages, freed = arrival.state.pages, arrival.effect.frees
    gone = arrival.effect.lets_go
    if _among(gone, pages.failed) or meeting(pages.given, gone):
        return Owner.MODULE, Done.UNKNOWN
    if _among(freed, pages.back):
        return Owner.KERNEL, Done.NOT_SEEN
    if _among(freed, pages.clean):
        return Owner.KERNEL, Done.DONE
    return NOT_KNOWN


def _among(freed: frozenset[str], pages: frozenset[str]) -> bool:
    unnamed = ANY_PAGE in pages and PAMT not in freed
    return bool(freed) and (unnamed or bool(meeting(pages, freed)))


def _subject(function: Function, arrival: Arrival, owner: Owner, clearing: Done) -> PageReturn:
    call = arrival.call
    page = _page_of(arrival)
    end = function.step(call.span, f"{call.name}(): {SAID[owner, clearing]}")
    steps = (*_trail(function, arrival.state), end)
    return PageReturn(
        place=function.place(call.span),
        function=function.name,
        partial=function.partial,
        callee=call.name,
        page=page,
        owner=owner,
        cleared=clearing,
        evidence=(("owner", steps), ("cleared", steps)),
    )


PAGE_LIKE = regex(r"page|folio|pfn|frame|pamt|tdr|tdcs|tdvpr|tdcx|(?:^|_)(?:h?pa|va)$")
HOLDERS = regex(r"(?:to_)?(?:kvm|vcpu|tdx?|vp|vm)(?:_(?:kvm|vcpu|tdx|vmx))?")
"""Names of what holds pages and is none."""


def _page_of(arrival: Arrival) -> str:
    """Give the page that goes back, by the argument that most likely is it."""
    gone = arrival.effect.lets_go
    for names in (meeting(arrival.state.pages.all(), gone), gone):
        likely = sorted(name for name in names if PAGE_LIKE.search(name))
        if likely or len(names) == 1:
            page = shown((likely or sorted(names))[0])
            if page == ANY_PAGE:
                return "the page"
            return f"a page of {page}" if HOLDERS.fullmatch(page) else page
    return "a page"


SAID = {
    (Owner.MODULE, Done.UNKNOWN): "the kernel uses it again, but it is the module's still",
    (Owner.KERNEL, Done.NOT_SEEN): "the kernel uses it again, not cleared with MOVDIR64B",
    (Owner.KERNEL, Done.DONE): "the kernel uses it again, cleared",
    (Owner.KERNEL, Done.UNKNOWN): "the kernel uses it again, cleared on other paths",
}


def _trail(function: Function, state: Progress) -> tuple[Step, ...]:
    return tuple(function.step(each.span, each.text) for each in state.trail)


def _kept_dirty(lives: Lives, function: Function, ways: Followed) -> Iterator[PageReturn]:
    """Give a page that is written back and that nobody clears until the function ends."""
    ends = [end.state.pages for end in ways.ends]
    if not any(pages.back for pages in ends) or _cleared_by_callers(lives, function):
        return
    if any(each.effect.clears for each in ways.arrivals) or any(p.clean for p in ends):
        return
    still = frozenset[str]().union(*(pages.back for pages in ends))
    written = (
        (arrival, arrival.state.pages.back)
        for arrival in ways.arrivals
        if arrival.effect.leaf == WRITES_BACK and arrival.state.pages.back & still
    )
    first = next(written, None)
    if first is not None and not _cleared_by_callers(lives, function):
        yield _subject(function, _as_freed(*first), Owner.KERNEL, Done.NOT_SEEN)


def _as_freed(arrival: Arrival, back: frozenset[str]) -> Arrival:
    return structs.replace(arrival, effect=replace(arrival.effect, frees=back))


def _cleared_by_callers(lives: Lives, function: Function) -> bool:
    clears = kernel_names().caches.clears
    return any(
        function.name in words and any(word in clears for word in words)
        for each in lives.program.functions
        for words in [words_of(each)]
        if each.name != function.name
    )
