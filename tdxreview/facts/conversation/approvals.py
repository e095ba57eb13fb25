"""Trailers that a patch still carries, and what it changed since they were given."""

from collections.abc import Iterator
from typing import NamedTuple

from tdxreview.facts.conversation.people import author_in, called, same_person
from tdxreview.facts.conversation.remarks import since
from tdxreview.facts.conversation.schema import (
    Approval,
    ChangedSince,
    Condition,
    Since,
    Tag,
)
from tdxreview.facts.conversation.seamcall import seamcall_stretches
from tdxreview.facts.conversation.story import Story
from tdxreview.mail.message import Author
from tdxreview.revisions.blocks import rows, stretch_of
from tdxreview.revisions.changes import without_blanks
from tdxreview.revisions.model import Comparison, Fate, FileDelta
from tdxreview.revisions.substance import substance
from tdxreview.series.model import Patch, Series
from tdxreview.source.place import NOWHERE
from tdxreview.talk.model import Kind, Remark, State

_TAGS = {"reviewed-by": Tag.REVIEWED, "acked-by": Tag.ACKED, "tested-by": Tag.TESTED}
_SETTLED = (State.DROPPED, State.DONE, State.ANSWERED)


class _Given(NamedTuple):
    """The revision that a trailer was given to, and the mail that gave it, if it is there."""

    series: Series
    position: int
    remark: Remark | None


def approvals(story: Story) -> Iterator[Approval]:
    """Give the trailers of the reviewed patches that were given to an earlier revision."""
    if not story.earlier:
        return
    for patch in story.series.patches:
        for name, value in patch.trailers:
            tag = _TAGS.get(name.lower())
            given = _given(story, patch, (name, value)) if tag else None
            if tag and given:
                yield _approval(story, patch, tag, (name, value), given)


def _given(story: Story, patch: Patch, trailer: tuple[str, str]) -> _Given | None:
    """Find the newest mail that gives the trailer, or else the first revision that carries it."""
    carried: _Given | None = None
    for series in story.earlier:
        origin = next(iter(story.since(series).origins(patch.position)), None)
        if origin is None:
            continue
        if found := _by_mail(story, series, origin, trailer):
            return _Given(series, origin.position, found)
        if any(_same(trailer, each) for each in origin.trailers):
            carried = _Given(series, origin.position, None)
    return carried


def _by_mail(
    story: Story, series: Series, origin: Patch, trailer: tuple[str, str]
) -> Remark | None:
    return next(
        (
            each
            for each in reversed(story.approvals(series))
            if each.patch in {None, origin.position}
            and each.trailer
            and _same(trailer, each.trailer)
        ),
        None,
    )


def _same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    same_name = one[0].lower() == other[0].lower()
    return same_name and same_person(author_in(one[1]), author_in(other[1]))


def _approval(
    story: Story, patch: Patch, tag: Tag, trailer: tuple[str, str], given: _Given
) -> Approval:
    name, value = trailer
    reviewer = author_in(value)
    return Approval(
        place=NOWHERE,
        function="",
        patch=patch.position,
        tag=tag,
        changed=changed_since(story.since(given.series), patch),
        condition=_condition(story, reviewer, given),
        trailer=f"{name}: {value}",
        reviewer=called(reviewer),
        revision=f"v{given.series.revision}",
        message_id=given.remark.message_id if given.remark else "",
    )


def changed_since(comparison: Comparison, patch: Patch) -> ChangedSince:
    """Give what a patch of the new revision changed beside cosmetics."""
    pair = comparison.of_new(patch.position)
    if pair.fate is Fate.UNCHANGED:
        return ChangedSince.NOTHING
    telling = substance(pair.interdiff)
    if not telling:
        return ChangedSince.COSMETICS
    sides = {"-": comparison.origins(patch.position), "+": (patch,)}
    touched = any(_touches_seamcall(telling, side, each) for side in sides for each in sides[side])
    return ChangedSince.SEAMCALL_CODE if touched else ChangedSince.OTHER_CODE


def _touches_seamcall(telling: tuple[FileDelta, ...], side: str, patch: Patch) -> bool:
    lines = {
        (delta.old_path if side == "-" else delta.path, each.line.sign, each.line.text)
        for delta in telling
        for each in delta.lines
        if each.side == side
    }
    keys = {(path, sign + without_blanks(text)) for path, sign, text in lines}
    concerned = seamcall_stretches(rows(patch.diff))
    return any(
        (row.path, row.key) in keys and stretch_of(row) in concerned for row in rows(patch.diff)
    )


def _condition(story: Story, reviewer: Author, given: _Given) -> Condition:
    """Tell whether what the reviewer asked for beside the trailer was done.

    Without a condition in words, what the reviewer asked for counts all the same: a change that
    follows it makes nothing stale.
    """
    asked = [
        each
        for each in story.remarks
        if each.kind not in {Kind.APPROVAL, Kind.INFORMATION}
        and same_person(each.author, reviewer)
        and story.series_of(each) is given.series
        and each.patch in {None, given.position}
    ]
    left = [each for each in asked if each.state not in _SETTLED]
    fates = {since(story, each) for each in left}
    if given.remark is not None and given.remark.condition and Since.SAME in fates:
        return Condition.NOT_MET
    if not asked:
        return Condition.NONE
    return Condition.UNKNOWN if Since.SAME in fates else Condition.MET
