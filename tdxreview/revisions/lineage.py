"""Which series is an earlier revision of which."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from tdxreview.revisions.changes import bare_title, diff_id
from tdxreview.series.model import Series

_FIRST = datetime.min.replace(tzinfo=UTC)
_SHARED = 0.5
"""The share of its patches that a revision has to have in common with the other."""


class Lineage:
    """The series of an input, each found by what its other revisions may have in common with it.

    The order of evidence is the change-id, then author and subject, then the patches. That one
    answers the other is none (Documentation/process/maintainer-kvm-x86.rst asks authors not to
    thread revisions, and other threads mix series).
    """

    def __init__(self, series: Iterable[Series]) -> None:
        self._by_name: dict[str, list[Series]] = defaultdict(list)
        for each in series:
            for name in dict.fromkeys(_names(each)):
                self._by_name[name].append(each)

    def predecessor(self, series: Series) -> Series | None:
        """Give the revision before this one, None if it is not there."""
        near = {id(each): each for name in _names(series) for each in self._by_name[name]}
        earlier = [each for each in near.values() if _is_earlier(each, series)]
        # From the newest on: most of them need not be looked at.
        ordered = sorted(earlier, key=_age, reverse=True)
        return next((each for each in ordered if related(each, series)), None)

    def ancestry(self, series: Series) -> tuple[Series, ...]:
        """Give all earlier revisions of a series, the newest first."""
        found: list[Series] = []
        at = self.predecessor(series)
        while at is not None:
            found.append(at)
            at = self.predecessor(at)
        return tuple(found)


def predecessor(series: Series, among: Iterable[Series]) -> Series | None:
    """Give the revision before this one, None if it is not there."""
    return Lineage(among).predecessor(series)


def ancestry(series: Series, among: Iterable[Series]) -> tuple[Series, ...]:
    """Give all earlier revisions of a series, the newest first."""
    return Lineage(among).ancestry(series)


def _names(series: Series) -> Iterator[str]:
    """Give what a related series shares at least one of."""
    if series.change_id:
        yield f"change {series.change_id}"
    yield f"author {_author(series)} {bare_title(series.subject)}"
    for patch in series.patches:
        yield f"title {bare_title(patch.subject)}"
        yield f"diff {diff_id(patch.diff)}"


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
    return one is not other and one.revision < other.revision


def _age(series: Series) -> tuple[int, datetime]:
    return series.revision, series.date or _FIRST
