"""A conversation as Markdown: the open points as a list to tick off, then the mails."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tdxreview.mail.thread import Thread
from tdxreview.report.markdown_text import code
from tdxreview.report.remark_words import WANTS, standing, waiting
from tdxreview.report.thread import where_of
from tdxreview.report.view import PLAIN, View
from tdxreview.report.wording import count
from tdxreview.review.points import Point, heads, points
from tdxreview.talk.model import Conversation

_DEEPEST = 12


def markdown_thread(conversation: Conversation, _view: View = PLAIN) -> str:
    """Give a conversation as Markdown."""
    return "\n".join(_lines(conversation)) + "\n"


def _lines(conversation: Conversation) -> Iterator[str]:
    told = points(conversation)
    for head, earlier in heads(conversation):
        revisions = ", ".join(f"v{each.revision}" for each in (*reversed(earlier), head))
        yield f"## {code(head.subject)} {revisions}"
        yield ""
    left = [each for each in told if standing(each.told).is_open]
    yield f"### {count(len(left), 'open point')}"
    yield ""
    yield from map(_point, left)
    yield from ("",) if left else ()
    yield from _waiting(left)
    yield "### Mails"
    yield ""
    for thread in conversation.threads:
        yield from _tree(thread)


def _point(point: Point) -> str:
    told = point.told
    who = f"{code(told.reviewer)} {WANTS[told.wants]} ({standing(told).words})"
    return f"- [ ] **{code(where_of(point))}** {who}: {code(point.remark.text)}"


def _waiting(left: Sequence[Point]) -> Iterator[str]:
    pairs = Counter(waiting(point.told) for point in left)
    if not pairs:
        return
    yield "### Who waits for whom"
    yield ""
    for (who, whom), number in sorted(pairs.items(), key=lambda each: (-each[1], each[0])):
        yield f"- {code(who)} waits for {code(whom)}: {count(number, 'point')}"
    yield ""


def _tree(thread: Thread) -> Iterator[str]:
    depths: list[int] = []
    for message, parent in zip(thread.messages, thread.parents, strict=True):
        depths.append(0 if parent is None else depths[parent] + 1)
        who = code(message.author.name or message.author.address)
        indent = "  " * min(depths[-1], _DEEPEST)
        yield f"{indent}- {who} {code(message.subject)}"
