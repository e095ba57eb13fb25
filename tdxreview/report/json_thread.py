"""A conversation as JSON: the document `tdxreview.thread/1`."""

from datetime import UTC, datetime

from tdxreview.mail.message import Author, Message
from tdxreview.mail.thread import Thread
from tdxreview.report import contract
from tdxreview.report.json_report import TOOL, document_text
from tdxreview.report.view import PLAIN, View
from tdxreview.series.model import Patch, Series
from tdxreview.source.diff import split_diff
from tdxreview.talk.model import Answer, Conversation, Remark


def json_thread(conversation: Conversation, _view: View = PLAIN) -> str:
    """Give the document `tdxreview.thread/1`."""
    return document_text(
        contract.ThreadV1(
            schema="tdxreview.thread/1",
            tool=TOOL,
            messages=tuple(
                _message(thread, at)
                for thread in conversation.threads
                for at in range(len(thread.messages))
            ),
            series=tuple(_series(series) for series in conversation.series),
            remarks=remarks(conversation),
        )
    )


def remarks(conversation: Conversation) -> tuple[contract.RemarkV1, ...]:
    """Give the remarks of a conversation, as the documents hold them."""
    return tuple(_remark(each, conversation) for each in conversation.remarks)


def _message(thread: Thread, at: int) -> contract.MessageV1:
    message: Message = thread.messages[at]
    parent = thread.parent(at)
    return contract.MessageV1(
        message_id=message.message_id,
        author=str(message.author),
        date=_date(message.date),
        subject=message.subject,
        in_reply_to=parent.message_id if parent else message.in_reply_to,
    )


def _series(series: Series) -> contract.SeriesV1:
    return contract.SeriesV1(
        subject=series.subject,
        revision=series.revision,
        total=series.total,
        change_id=series.change_id,
        message_id=series.message_id,
        patches=tuple(_patch(patch) for patch in series.patches),
        missing=series.missing,
    )


def _patch(patch: Patch) -> contract.PatchV1:
    return contract.PatchV1(
        number=patch.number,
        subject=patch.subject,
        author=str(patch.author),
        message_id=patch.message_id,
        commit=patch.commit,
        files=tuple(sorted({file.path for file in split_diff(patch.diff).files if file.path})),
        applied=True,
        problem=None,
        label=patch.label,
    )


def _remark(remark: Remark, conversation: Conversation) -> contract.RemarkV1:
    patch = conversation.patch_of(remark)
    series = None if remark.series is None else conversation.series[remark.series]
    return contract.RemarkV1(
        message_id=remark.message_id,
        author=_name(remark.author),
        date=_date(remark.date),
        revision=series.revision if series else None,
        patch=patch.number if patch else None,
        path=remark.path,
        line=remark.line,
        side="before" if remark.side == "before" else "after",
        on=remark.on.value,
        quote=remark.quote or None,
        kind=remark.kind.value,
        state=remark.state.value,
        text=remark.text,
        why="; ".join(remark.why),
        answers=tuple(_answer(each) for each in remark.answers),
    )


def _answer(answer: Answer) -> contract.AnswerV1:
    return contract.AnswerV1(
        author=_name(answer.author),
        text=answer.text,
        message_id=answer.message_id,
        date=_date(answer.date),
    )


def _name(author: Author | None) -> str | None:
    return None if author is None else str(author)


def _date(date: datetime | None) -> str | None:
    """Give ISO 8601 in UTC, to the second."""
    return None if date is None else date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
