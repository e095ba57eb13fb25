"""The same mail from several lists: one of each message-id is kept."""

from collections.abc import Iterable

from tdxreview.mail.message import Message
from tdxreview.regex import regex

# Lists that change nothing of a mail come first; others add footers or rewrite the From.
_LISTS = (".feeds.kernel.org", ".linux.dev", ".kernel.org")
_LIST_ID = regex(r"<([^<>]{1,200})>")


def unique(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Keep one message of each message-id, the copy from the list that changes mail least."""
    best: dict[str, Message] = {}
    for message in messages:
        known = best.get(message.message_id)
        if known is None or _list_rank(message) < _list_rank(known):
            best[message.message_id] = message
    return tuple(best.values())


def _list_rank(message: Message) -> int:
    value = next((text for name, text in message.headers if name.lower() == "list-id"), "")
    found = _LIST_ID.search(value)
    domain = found[1].lower() if found else ""
    ranks = (at for at, suffix in enumerate(_LISTS) if domain.endswith(suffix))
    return next(ranks, len(_LISTS) if domain else len(_LISTS) + 1)
