"""The mails of a thread in, oldest first, the remarks out that they make of each other."""

from collections.abc import Iterator, Sequence

from tdxreview.mail.message import Author, Message
from tdxreview.mail.thread import Thread, date_key
from tdxreview.talk.cues import CueBook
from tdxreview.talk.gather import Gatherer
from tdxreview.talk.ledger import Draft
from tdxreview.talk.model import Answer, Kind, Remark
from tdxreview.talk.places import Places
from tdxreview.talk.states import Outcome, outcome


def remarks_of(thread: Thread, places: Places, book: CueBook) -> Iterator[Remark]:
    """Give the remarks of a thread, in the order in which they were made."""
    gatherer = Gatherer(places, book)
    order = sorted(range(len(thread.messages)), key=lambda at: date_key(thread.messages[at]))
    for at in order if any(message.lossy for message in thread.messages) else ():
        gatherer.know(thread.messages[at], list(_ancestors(thread, at)))
    for at in order:
        gatherer.read(thread.messages[at], list(_ancestors(thread, at)))
    settled: dict[Draft, Outcome] = {}
    for draft in gatherer.notes.drafts:
        yield _remark(draft, gatherer.notes.doers(draft), book, settled)


def _ancestors(thread: Thread, at: int) -> Iterator[Message]:
    """Give the mails that a mail answers, nearest first."""
    parent = thread.parents[at]
    while parent is not None:
        yield thread.messages[parent]
        parent = thread.parents[parent]


def _remark(
    draft: Draft,
    doers: Sequence[Author],
    book: CueBook,
    settled: dict[Draft, Outcome],
) -> Remark:
    before = settled.get(draft.before) if draft.before else None
    if draft.before is not None and before is not None:
        draft.judgement = draft.before.judgement
    judgement = draft.judgement
    found = outcome(draft, doers, book) if draft.events or before is None else before
    settled[draft] = found
    return Remark(
        message_id=draft.message_id,
        author=draft.author if draft.author and draft.author.called else None,
        date=draft.date,
        series=draft.series,
        patch=draft.patch,
        on=draft.anchor.on,
        path=draft.anchor.path,
        line=draft.anchor.line,
        side=draft.anchor.side,
        quote=draft.anchor.quote,
        kind=judgement.kind or Kind.INFORMATION,
        state=found.state,
        text="\n\n".join(draft.texts),
        why=(*judgement.why, *found.why),
        answers=_answers(draft),
        condition=draft.condition or found.condition,
        trailer=draft.trailer,
        code="\n\n".join(draft.code),
        nak=judgement.nak,
        depth=draft.depth,
        body_line=draft.number,
    )


def _answers(draft: Draft) -> tuple[Answer, ...]:
    return tuple(
        Answer(
            author=event.author,
            text=event.text,
            message_id=event.message_id,
            date=event.date,
        )
        for event in draft.events
        if not event.own
    )
