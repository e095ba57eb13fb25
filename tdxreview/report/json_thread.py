"""A conversation as JSON: the document `tdxreview.thread/1`."""

from tdxreview.mail.message import Message
from tdxreview.mail.thread import Thread
from tdxreview.report import contract, contract_talk
from tdxreview.report.json_remarks import date_text, remark_documents
from tdxreview.report.json_report import document_text
from tdxreview.report.json_series import tool_of
from tdxreview.report.view import PLAIN, View
from tdxreview.series.model import Patch, Series
from tdxreview.source.diff import split_diff
from tdxreview.talk.model import Conversation


def json_thread(conversation: Conversation, view: View = PLAIN) -> str:
    """Give the document `tdxreview.thread/1`."""
    return document_text(
        contract_talk.ThreadV1(
            schema="tdxreview.thread/1",
            tool=tool_of(view),
            messages=tuple(
                _message(thread, at)
                for thread in conversation.threads
                for at in range(len(thread.messages))
            ),
            series=tuple(_series(series) for series in conversation.series),
            remarks=remark_documents(conversation),
        )
    )


def _message(thread: Thread, at: int) -> contract_talk.MessageV1:
    message: Message = thread.messages[at]
    parent = thread.parent(at)
    return contract_talk.MessageV1(
        message_id=message.message_id,
        author=str(message.author),
        date=date_text(message.date),
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
