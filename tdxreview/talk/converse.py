"""Mails in, conversation out."""

from collections.abc import Iterable

from tdxreview.mail.message import Message
from tdxreview.mail.thread import build_threads
from tdxreview.series.build import build_series
from tdxreview.talk.model import Conversation


def converse(messages: Iterable[Message]) -> Conversation:
    """Give the threads, series and remarks that mails hold."""
    kept = tuple(messages)
    return Conversation(threads=build_threads(kept), series=build_series(kept), remarks=())
