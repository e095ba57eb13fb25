"""Mails in, conversation out."""

from collections.abc import Callable, Iterable

from tdxreview.mail.message import Message
from tdxreview.mail.thread import build_threads
from tdxreview.series.build import build_series
from tdxreview.talk.cues import CueBook, Talk
from tdxreview.talk.model import Conversation
from tdxreview.talk.places import Places
from tdxreview.talk.settled import settled


def converse(messages: Iterable[Message], cues: Callable[[], Talk]) -> Conversation:
    """Give the threads, series and remarks that mails hold, read by cues.

    The cues are asked for only if there is a mail beside the patches.
    """
    kept = tuple(messages)
    threads, series = build_threads(kept), build_series(kept)
    places = Places(series)
    if all(places.holds(message.message_id) for message in kept):
        return Conversation(threads=threads, series=series, remarks=())
    from tdxreview.talk.remarks_of import remarks_of

    book = CueBook(cues())
    remarks = tuple(remark for thread in threads for remark in remarks_of(thread, places, book))
    return Conversation(threads=threads, series=series, remarks=settled(remarks, series))
