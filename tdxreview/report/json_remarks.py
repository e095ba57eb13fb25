"""Remarks as the JSON documents hold them."""

from datetime import UTC, datetime

from tdxreview.mail.message import Author
from tdxreview.report import contract
from tdxreview.talk.model import Answer, Conversation, Remark


def remark_documents(conversation: Conversation) -> tuple[contract.RemarkV1, ...]:
    """Give the remarks of a conversation, as the documents hold them."""
    return tuple(remark_document(each, conversation) for each in conversation.remarks)


def remark_document(remark: Remark, conversation: Conversation) -> contract.RemarkV1:
    """Give one remark, as the documents hold it."""
    patch = conversation.patch_of(remark)
    series = None if remark.series is None else conversation.series[remark.series]
    return contract.RemarkV1(
        message_id=remark.message_id,
        author=_name(remark.author),
        date=date_text(remark.date),
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
        date=date_text(answer.date),
    )


def _name(author: Author | None) -> str | None:
    return None if author is None else str(author)


def date_text(date: datetime | None) -> str | None:
    """Give ISO 8601 in UTC, to the second."""
    return None if date is None else date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
