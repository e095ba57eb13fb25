"""Patches that the input knows only from replies that quote them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from tdxreview.mail.message import Author, Message
from tdxreview.mail.quoteddiff import QuotedDiff, quoted_diff
from tdxreview.mail.subject import Subject, SubjectKind, parse_subject
from tdxreview.series.model import Patch, Series


class _Quote(Struct, frozen=True):
    message: Message
    subject: Subject
    diff: QuotedDiff


def quoted_series(messages: Iterable[Message], sent: Sequence[Series]) -> tuple[Series, ...]:
    """Give the series that only quotes show; a series that the input holds needs no quotes."""
    held = {(series.revision, series.total) for series in sent}
    titles = {patch.subject for series in sent for patch in series.patches}
    revisions: dict[tuple[int, int | None, str], list[_Quote]] = defaultdict(list)
    for message in messages:
        subject = parse_subject(message.subject)
        known = (subject.revision, subject.total) in held or subject.title in titles
        if known or not _asks_for_quotes(message, subject):
            continue
        if found := quoted_diff(message.body):
            single = subject.title if subject.number is None else ""
            key = (subject.revision, subject.total, single)
            revisions[key].append(_Quote(message, subject, found))
    return tuple(_series(quotes) for quotes in revisions.values())


def _asks_for_quotes(message: Message, subject: Subject) -> bool:
    """Tell a reply; some archives cut the `Re:` from its subject."""
    answers = subject.reply or subject.forward or message.lossy
    return answers and subject.kind is SubjectKind.PATCH and not subject.is_cover


def _series(quotes: Sequence[_Quote]) -> Series:
    best: dict[tuple[int, str], _Quote] = {}
    for quote in quotes:
        counter = (quote.subject.number or 1, quote.subject.inserted)
        known = best.get(counter)
        if known is None or len(known.diff.numbers) < len(quote.diff.numbers):
            best[counter] = quote
    patches = tuple(
        _patch(best[counter], position) for position, counter in enumerate(sorted(best), start=1)
    )
    first = patches[0]
    subject = quotes[0].subject
    total = subject.total or 1
    return Series(
        subject=first.subject,
        revision=subject.revision,
        total=total,
        author=first.author,
        date=first.date,
        message_id=None,
        change_id=None,
        base_commit=None,
        prerequisites=(),
        cover=None,
        patches=patches,
        missing=tuple(at for at in range(1, total + 1) if (at, "") not in best),
        oddities=tuple(
            f"patch {patch.label} is known only as far as {patch.message.found_as} quotes it"
            for patch in patches
        ),
    )


def _patch(quote: _Quote, position: int) -> Patch:
    author = quote.diff.author
    return Patch(
        position=position,
        number=quote.subject.number or 1,
        label=quote.subject.label or "1/1",
        subject=quote.subject.title,
        author=author if author.name or author.address else Author("", ""),
        date=quote.message.date,
        message_id=quote.message.message_id,
        commit=None,
        text="",
        notes="",
        trailers=(),
        diff=quote.diff.text + "\n",
        diff_line=quote.diff.numbers[0],
        lossy=True,
        message=quote.message,
        quoted=True,
        body_lines=quote.diff.numbers,
    )
