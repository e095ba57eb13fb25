"""Threads: which mail answers which, with loops cut and duplicates taken out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from tdxreview.mail.attribution import attribution
from tdxreview.mail.duplicates import unique
from tdxreview.mail.message import Message
from tdxreview.mail.people import same_person
from tdxreview.mail.subject import parse_subject

_FIRST = datetime.min.replace(tzinfo=UTC)
_ATTRIBUTED_LINES = 40


class Thread(Struct, frozen=True):
    """The mails that answer each other, a parent always before its answers.

    `parents` holds, for each message, the index of the one it answers, None for a root.
    """

    messages: tuple[Message, ...]
    parents: tuple[int | None, ...]

    def parent(self, at: int) -> Message | None:
        """Give the message that the one at an index answers."""
        index = self.parents[at]
        return None if index is None else self.messages[index]


def build_threads(messages: Iterable[Message]) -> tuple[Thread, ...]:
    """Sort messages into threads, oldest thread first.

    In-Reply-To counts before References, and those from the newest. A message is never its own
    ancestor. Web-archive text has neither: there the title and the name in the attribution count.
    """
    kept = sorted(unique(messages), key=date_key)
    parents = _parents(kept)
    children: dict[int | None, list[int]] = defaultdict(list)
    for at, parent in enumerate(parents):
        children[parent].append(at)
    return tuple(_thread(kept, children, root) for root in children[None])


def date_key(message: Message) -> tuple[datetime, int, str]:
    """Order messages by date, undated ones first; equal dates by place and message-id."""
    return message.date or _FIRST, message.place or 0, message.message_id


def _thread(kept: Sequence[Message], children: dict[int | None, list[int]], root: int) -> Thread:
    order: list[int] = []
    parents: list[int | None] = []
    waiting: list[tuple[int, int | None]] = [(root, None)]
    while waiting:
        at, parent = waiting.pop()
        parents.append(parent)
        order.append(at)
        waiting += [(child, len(order) - 1) for child in reversed(children[at])]
    return Thread(tuple(kept[at] for at in order), tuple(parents))


def _parents(kept: Sequence[Message]) -> list[int | None]:
    index = {message.message_id: at for at, message in enumerate(kept)}
    titles = _titles(kept)
    parents = [_parent(message, at, index, kept, titles) for at, message in enumerate(kept)]
    return _without_loops(parents)


def _parent(
    message: Message,
    at: int,
    index: dict[str, int],
    kept: Sequence[Message],
    titles: dict[str, list[int]],
) -> int | None:
    named = (message.in_reply_to, *reversed(message.references))
    for name in named:
        found = index.get(name) if name else None
        if found is not None and found != at:
            return found
    return _by_attribution(message, at, kept, titles) if not message.has_own_id else None


def _titles(kept: Sequence[Message]) -> dict[str, list[int]]:
    if all(message.has_own_id for message in kept):
        return {}
    titles: dict[str, list[int]] = defaultdict(list)
    for at, message in enumerate(kept):
        titles[_title(message)].append(at)
    return titles


def _title(message: Message) -> str:
    """Give what mails of one patch share: another revision's are other mails."""
    subject = parse_subject(message.subject)
    return f"{subject.revision}.{subject.minor} {subject.title}"


def _by_attribution(
    message: Message, at: int, kept: Sequence[Message], titles: dict[str, list[int]]
) -> int | None:
    subject = parse_subject(message.subject)
    if not subject.reply:
        return None
    lines = message.body.split("\n")[:_ATTRIBUTED_LINES]
    named = next((found for n in range(len(lines)) if (found := attribution(lines, n))), None)
    earlier = [other for other in titles[_title(message)][:200] if other < at]
    if named is None or not earlier:
        return earlier[0] if earlier else None
    latest = list(reversed(earlier))
    exact = (other for other in latest if kept[other].author.name == named[0].name)
    alike = (other for other in latest if same_person(kept[other].author, named[0]))
    return next(exact, next(alike, earlier[0]))


def _without_loops(parents: list[int | None]) -> list[int | None]:
    """Cut every loop at its oldest message, which then is a root."""
    cut = list(parents)
    done = [False] * len(cut)
    for start in range(len(cut)):
        path: list[int] = []
        on_path: set[int] = set()
        at: int | None = start
        while at is not None and not done[at] and at not in on_path:
            path.append(at)
            on_path.add(at)
            at = cut[at]
        if at is not None and at in on_path:
            cut[min(path[path.index(at) :])] = None
        for each in path:
            done[each] = True
    return cut
