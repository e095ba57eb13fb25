"""What a user knows of and need not see: suppressed, in a baseline, or below a path left out.

Nothing is lost: what is hidden is counted and goes with the review, with the reason.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.config.model import Pair
from tdxreview.config.suppressions import Suppression
from tdxreview.review.finding_code import NO_CODE
from tdxreview.review.known_again import Known, Shown, known_again
from tdxreview.review.model import Hidden, HiddenBy, Review, Spent, Use
from tdxreview.rules.chosen import is_named
from tdxreview.rules.model import Finding
from tdxreview.source.tree import is_below


class Hiding(Struct, frozen=True, kw_only=True):
    """What is to be hidden. `today` is asked only where something has an end, as YYYY-MM-DD."""

    suppressions: tuple[Suppression, ...] = ()
    baseline: tuple[Known, ...] = ()
    baseline_name: str = ""
    ignore_in: tuple[Pair, ...] = ()
    today: Callable[[], str] = lambda: ""


def hide(review: Review, hiding: Hiding, fixed: Collection[str]) -> Review:
    """Give a review without what is hidden, which it counts and holds aside.

    `fixed` are names that no revision exchanges. A suppression that has ended hides nothing; it
    is told of, and so is one that finds nothing to hide in what was looked at.
    """
    if not (hiding.suppressions or hiding.baseline or hiding.ignore_in):
        return review
    dated = any(each.until for each in hiding.suppressions)
    today = hiding.today() if dated else ""
    live = [each for each in hiding.suppressions if not each.until or each.until >= today]
    codes = review.codes or (NO_CODE,) * len(review.findings)
    review = replace(review, codes=codes)
    shown = [Shown(*pair) for pair in zip(review.findings, codes, strict=True)]
    why = _by_path(review.findings, hiding.ignore_in)
    why |= _by_suppression(shown, live, fixed, why)
    left = [i for i in range(len(shown)) if i not in why]
    again = known_again(hiding.baseline, [shown[i] for i in left], fixed)
    reason = f"known from {hiding.baseline_name}"
    why |= {left[at]: Hidden(shown[left[at]].finding, HiddenBy.BASELINE, reason) for at in again}
    used = {each.where for each in why.values()}
    spent = (
        *(Spent(each.where, Use.EXPIRED, each.until) for each in _ended(hiding, live)),
        *_unused(review, live, used),
    )
    return _without(review, why, spent, today)


def _ended(hiding: Hiding, live: Sequence[Suppression]) -> Iterator[Suppression]:
    return (each for each in hiding.suppressions if each not in live)


def _by_path(findings: Sequence[Finding], pairs: Sequence[Pair]) -> dict[int, Hidden]:
    found = {}
    for number, each in enumerate(findings):
        pair = next((pair for pair in pairs if each.place and _is_off(each, pair)), None)
        if pair is not None:
            reason = f"switched off in {pair.name} ({pair.source.kind})"
            found[number] = Hidden(each, HiddenBy.PATH, reason)
    return found


def _is_off(finding: Finding, pair: Pair) -> bool:
    path = finding.place.path if finding.place else ""
    below = is_below(path, pair.name.rstrip("/")) or fnmatchcase(path, pair.name)
    return below and is_named(finding.rule, finding.family, pair.words)


def _by_suppression(
    shown: Sequence[Shown],
    live: Sequence[Suppression],
    fixed: Collection[str],
    gone: Collection[int],
) -> dict[int, Hidden]:
    left = [i for i in range(len(shown)) if i not in gone]
    known = [
        Known(
            fingerprint=each.fingerprint,
            rule=each.rule,
            path=each.path,
            function=each.function,
            code=each.code,
        )
        for each in live
    ]
    again = known_again(known, [shown[i] for i in left], fixed)
    return {
        left[at]: Hidden(
            shown[left[at]].finding,
            HiddenBy.SUPPRESSION,
            live[number].reason,
            live[number].where,
            live[number].until,
        )
        for at, number in again.items()
    }


def _unused(review: Review, live: Sequence[Suppression], used: Collection[str]) -> Iterator[Spent]:
    """Tell of what hides nothing, unless it is about a file that was not looked at."""
    prints = {each.fingerprint for each in review.findings}
    files = {path for patch in review.patches for path in patch.files}
    for each in live:
        if each.where in used:
            continue
        if each.fingerprint in prints:
            yield Spent(each.where, Use.CHANGED)
        elif not (review.patches and each.path and each.path not in files):
            yield Spent(each.where, Use.UNUSED)


def _without(
    review: Review, why: dict[int, Hidden], spent: tuple[Spent, ...], today: str
) -> Review:
    left = [i for i in range(len(review.findings)) if i not in why]
    return replace(
        review,
        findings=tuple(review.findings[i] for i in left),
        excerpts=tuple(review.excerpts[i] for i in left),
        codes=tuple(review.codes[i] for i in left),
        hidden=tuple(
            replace(why[i], code=review.codes[i].statements, excerpt=review.excerpts[i])
            for i in sorted(why)
        ),
        spent=spent,
        as_of=today,
        hidden_suppressed=sum(each.by is HiddenBy.SUPPRESSION for each in why.values()),
    )
