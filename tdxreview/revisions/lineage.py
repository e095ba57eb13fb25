"""Which series is an earlier revision of which."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from tdxreview.revisions.changes import bare_title, diff_id
from tdxreview.series.model import Series

_FIRST = datetime.min.replace(tzinfo=UTC)
_SHARED = 0.5
"""The share of its patches that a revision has to have in common with the other."""


def predecessor(series: Series, among: Iterable[Series]) -> Series | None:
    """Give the revision before this one, None if it is not there.

    The order of evidence is the change-id, then author and subject, then the patches. That one
    answers the other is none (Documentation/process/maintainer-kvm-x86.rst asks authors not to
    thread revisions, and other threads mix series).
    """
    earlier = [other for other in among if _is_earlier(other, series) and related(other, series)]
    return max(earlier, key=_age, default=None)


def ancestry(series: Series, among: Sequence[Series]) -> tuple[Series, ...]:
    """Give all earlier revisions of a series, the newest first."""
    found: list[Series] = []
    at: Series | None = series
    while (at := predecessor(at, among) if at else None) is not None:
        found.append(at)
    return tuple(found)


def related(one: Series, other: Series) -> bool:
    """Tell whether two series are revisions of the same one."""
    if one.change_id and other.change_id:
        return one.change_id == other.change_id
    same_title = bare_title(one.subject) == bare_title(other.subject)
    return (same_title and _author(one) == _author(other)) or _shares_patches(one, other)


def _author(series: Series) -> str:
    return (series.author.address or series.author.name).lower()


def _shares_patches(one: Series, other: Series) -> bool:
    """Tell whether most patches of the shorter series are in the other, by title or diff."""
    shorter, longer = sorted((one, other), key=lambda each: len(each.patches))
    titles = {bare_title(patch.subject) for patch in longer.patches}
    diffs = {diff_id(patch.diff) for patch in longer.patches}
    there = sum(
        bare_title(patch.subject) in titles or diff_id(patch.diff) in diffs
        for patch in shorter.patches
    )
    return there > _SHARED * len(shorter.patches)


def _is_earlier(one: Series, other: Series) -> bool:
    return one is not other and _age(one) < _age(other) and one.revision < other.revision


def _age(series: Series) -> tuple[int, datetime]:
    return series.revision, series.date or _FIRST
