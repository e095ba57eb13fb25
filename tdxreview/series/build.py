"""Mails in, series out: every series and revision that the input holds, and the one to review."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.mail.diffspan import diffs_of_text
from tdxreview.mail.duplicates import unique
from tdxreview.mail.message import Author, Message
from tdxreview.mail.subject import Subject, parse_subject
from tdxreview.mail.trailers import read_trailers
from tdxreview.series.base import stated
from tdxreview.series.group import (
    Cluster,
    Entry,
    collect,
    group,
    is_counter_proposal,
    is_notice,
    is_patch,
    named_ids,
)
from tdxreview.series.model import Patch, Series
from tdxreview.series.patchmail import Content, contents
from tdxreview.series.reroll import settle

_HIGHEST = 64
_FIRST = datetime.min.replace(tzinfo=UTC)


def build_series(messages: Iterable[Message]) -> tuple[Series, ...]:
    """Give all series and revisions in the mails, the newest last.

    A patch that is known only from a reply is taken from the quote where its revision is not in
    the input otherwise. The notices of a maintainer's bot count where there is nothing else, and
    then the diffs that reviewers propose in their replies, and those in mails of any other kind.
    """
    kept = unique(messages)
    sent = _sent_series(kept, is_patch)
    found = (*sent, *_quoted_series(kept, sent)) or _sent_series(kept, is_notice)
    found = found or counter_proposals(kept) or _odd_places(kept)
    return tuple(sorted(found, key=_Age(found)))


def counter_proposals(messages: Iterable[Message]) -> tuple[Series, ...]:
    """Give the fresh diffs in replies, each as a series of its own; they are nobody's revision."""
    entries = collect(unique(messages), is_counter_proposal)
    return tuple(
        replace(each, oddities=("is a diff in a reply, no patch that was sent for inclusion",))
        for entry in entries
        if entry.content
        for each in _series_of([_alone(entry)], {})
    )


def _odd_places(messages: Sequence[Message]) -> tuple[Series, ...]:
    """Give the diffs in cover letters, pull requests and the like, which no tool applies."""
    return tuple(
        replace(each, oddities=(f"is a diff in {message.found_as}, which is no patch mail",))
        for order, message in enumerate(messages)
        if not any(found.interdiff for found in diffs_of_text(message.body))
        for content in contents(message)
        for each in _series_of([_alone(_uncounted(message, content, order))], {})
    )


def _uncounted(message: Message, content: Content, order: int) -> Entry:
    subject = replace(content.subject, number=None, total=None)
    return Entry(message, subject, content, order)


def _alone(entry: Entry) -> Cluster:
    subject = entry.subject
    cluster = Cluster(subject.revision, None, subject.total or 1, resend=False)
    cluster.add(entry)
    return cluster


def choose(series: Sequence[Series], revision: int | None) -> Series:
    """Give the series to review: the newest complete one, or else the newest.

    What somebody sent into the thread of another's series is chosen only where nothing else is.

    With a revision, the same among those of that revision; a `UsageError` lists what there is.
    Raise `NothingToReviewError` if there is no series at all.
    """
    if not series:
        raise NothingToReviewError("the input holds no patch: give a mail with a diff, or a diff")
    wanted = [each for each in series if revision in {None, each.revision}]
    if not wanted:
        there = ", ".join(f"v{number}" for number in sorted({each.revision for each in series}))
        raise UsageError(f"--revision {revision}: the input holds {there} only")
    main = [each for each in wanted if not each.aside] or wanted
    whole = [each for each in main if each.complete and not _is_quoted(each)]
    return (whole or main)[-1]


def _is_quoted(series: Series) -> bool:
    return any(patch.quoted for patch in series.patches)


def _quoted_series(messages: Sequence[Message], sent: tuple[Series, ...]) -> tuple[Series, ...]:
    if not any(message.lossy or parse_subject(message.subject).reply for message in messages):
        return ()
    from tdxreview.series.quoted import quoted_series

    return quoted_series(messages, sent)


class _Age:
    """Sort families by their newest mail, and the revisions of one by their number."""

    def __init__(self, found: Sequence[Series]) -> None:
        self._newest: dict[tuple[str, str], datetime] = {}
        for series in found:
            family = _family(series)
            self._newest[family] = max(self._newest.get(family, _FIRST), series.date or _FIRST)

    def __call__(self, series: Series) -> tuple[datetime, tuple[str, str], int, datetime, str]:
        family = _family(series)
        first = series.message_id or series.patches[0].message_id if series.patches else ""
        return self._newest[family], family, series.revision, series.date or _FIRST, first or ""


def _family(series: Series) -> tuple[str, str]:
    return str(series.author).lower(), series.subject


def _sent_series(
    messages: Sequence[Message], wanted: Callable[[Subject], bool]
) -> tuple[Series, ...]:
    clusters = settle(group(collect(messages, wanted)))
    return _series_of(clusters, {message.message_id: message for message in messages})


def _series_of(clusters: Iterable[Cluster], by_id: dict[str, Message]) -> tuple[Series, ...]:
    return tuple(_series(cluster, by_id) for cluster in clusters if cluster.patches())


def _series(cluster: Cluster, by_id: dict[str, Message]) -> Series:
    entries = cluster.patches()
    patches = tuple(_patch(entry, cluster, at) for at, entry in enumerate(entries, start=1))
    cover = cluster.cover or _naked_cover(entries[0], by_id)
    first = cover or entries[0].message
    said = stated([message.body for message in (cover, *_mails(entries)) if message])
    dates = [message.date for message in (cover, *_mails(entries)) if message and message.date]
    return Series(
        subject=parse_subject(cover.subject).title if cover else patches[0].subject,
        revision=cluster.revision,
        total=cluster.total,
        author=first.author if cover else patches[0].author,
        date=first.date or (min(dates) if dates else None),
        message_id=first.message_id if first.has_own_id else None,
        change_id=said.change_id,
        base_commit=said.base_commit,
        prerequisites=said.prerequisites,
        cover=cover,
        patches=patches,
        missing=cluster.missing(),
        aside=_is_aside(first, by_id),
        oddities=(*cluster.oddities, *_odd_counters(entries)),
    )


def _mails(entries: Sequence[Entry]) -> list[Message]:
    return [entry.message for entry in entries]


def _odd_counters(entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(
        f"{entry.subject.label} counts beyond its own total"
        for entry in entries
        if entry.subject.beyond_total
    )


def _naked_cover(first: Entry, by_id: dict[str, Message]) -> Message | None:
    """Give the mail that introduces a series without 0/N: a root, by the same author."""
    near = (by_id.get(name) for name in named_ids(first.message))
    found = next((message for message in near if message), None)
    if found is None or found.in_reply_to or first.subject.number is None:
        return None
    subject = parse_subject(found.subject)
    counted = subject.reply or subject.number is not None
    return None if counted or not _same_author(found.author, first.message.author) else found


def _is_aside(first: Message, by_id: dict[str, Message]) -> bool:
    """Tell a series that stands in a thread which somebody else began."""
    root = first
    for _ in range(_HIGHEST):
        near = (by_id.get(name) for name in named_ids(root))
        parent = next((message for message in near if message and message is not root), None)
        if parent is None:
            break
        root = parent
    return not _same_author(root.author, first.author)


def _same_author(one: Author, other: Author) -> bool:
    return (one.address or one.name).lower() == (other.address or other.name).lower()


def _patch(entry: Entry, cluster: Cluster, position: int) -> Patch:
    content = entry.content
    if content is None:
        raise AssertionError("a cover letter is no patch")
    number = entry.subject.number or position
    return Patch(
        position=position,
        number=number,
        label=entry.subject.label or f"{number}/{cluster.total}",
        subject=entry.subject.title,
        author=content.author,
        date=content.date,
        message_id=entry.message.message_id,
        commit=entry.message.commit if content.part is None else None,
        text=content.text,
        notes=content.notes,
        trailers=read_trailers(content.text),
        diff=content.diff,
        diff_line=content.diff_line,
        lossy=entry.message.lossy,
        message=entry.message,
        part=content.part,
    )
