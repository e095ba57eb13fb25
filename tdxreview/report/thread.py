"""A conversation as people read it: the open points first, who waits for whom, then the mails."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tdxreview.facts.conversation.schema import Remarked
from tdxreview.mail.subject import parse_subject
from tdxreview.mail.thread import Thread
from tdxreview.report.cells import cut
from tdxreview.report.lines import DIM, INDENT, flow, joined, line, to_string
from tdxreview.report.plain import one_line
from tdxreview.report.remark_words import beginning, headline, standing, waiting
from tdxreview.report.row import Row
from tdxreview.report.view import View
from tdxreview.report.wording import count
from tdxreview.review.points import Point, heads, points
from tdxreview.talk.model import Conversation, On

_MOST_MAILS = 60
_DEEPEST = 12
_MOST_POINTS = 20


def thread_report(conversation: Conversation, view: View) -> str:
    """Give a conversation in lines of at most `view.width` columns."""
    return to_string(_lines(conversation, view.width), width=view.width, colour=view.colour)


def _lines(conversation: Conversation, width: int) -> Iterator[Row]:
    told = points(conversation)
    yield from joined(_heading(conversation), indent=INDENT, width=width)
    yield Row()
    left = [each for each in told if standing(each.told).is_open]
    yield from _open_points(left, width)
    yield from _waiting(left, width)
    yield line(("Mails", "bold"))
    for thread in conversation.threads:
        yield from _tree(thread, told, width)
    yield Row()
    yield from joined(_counts(told), indent=INDENT, width=width)


def _heading(conversation: Conversation) -> Iterator[tuple[str, str]]:
    for head, earlier in heads(conversation):
        revisions = [f"v{each.revision}" for each in (*reversed(earlier), head)]
        yield one_line(head.subject) or "(no subject)", "bold"
        yield ", ".join(revisions), ""
    mails = sum(len(thread.messages) for thread in conversation.threads)
    yield count(mails, "mail"), DIM


def _open_points(left: Sequence[Point], width: int) -> Iterator[Row]:
    if not left:
        yield line(("No open points.", "bold"))
        yield Row()
        return
    yield line((f"Open points: {len(left)}", "bold"))
    for point in left[:_MOST_POINTS]:
        yield from _point(point, width)
    if len(left) > _MOST_POINTS:
        yield line((f"  {len(left) - _MOST_POINTS} more; --format json has them all", DIM))
    yield Row()


def _point(point: Point, width: int) -> Iterator[Row]:
    head = one_line(headline(point.told)) + ":"
    where = where_of(point)
    room = 2 * (width - 3 * INDENT) - len(head) - len(where)
    pieces = [
        (where, "bold"),
        ("·", DIM),
        (head, "yellow"),
        (beginning(point.remark.text, room), ""),
    ]
    yield from flow(pieces, width=width, start=INDENT, indent=2 * INDENT, between=" ")


def where_of(point: Point) -> str:
    """Give `v1 1/2 tdx.c:17`, or the part of the patch that the remark hangs on."""
    remark = point.remark
    patch = ""
    if point.patch is not None:
        patch = f"{point.patch.number}/{point.series.total}" if point.series else ""
    name = (remark.path or "").rpartition("/")[2]
    name = one_line(name)
    spot = f"{name}:{remark.line}" if name and remark.line else name
    parts = {On.MESSAGE: "commit message", On.COVER: "cover letter"}
    revision = f"v{point.series.revision}" if point.series else ""
    return " ".join(filter(None, (revision, patch, spot or parts.get(remark.on, ""))))


def _waiting(left: Sequence[Point], width: int) -> Iterator[Row]:
    pairs = Counter(waiting(point.told) for point in left)
    if not pairs:
        return
    yield line(("Who waits for whom", "bold"))
    for (who, whom), number in sorted(pairs.items(), key=lambda each: (-each[1], each[0])):
        text = f"{one_line(who)} waits for {one_line(whom)}: {count(number, 'point')}"
        yield from flow([(text, "")], width=width, start=INDENT, indent=2 * INDENT)
    yield Row()


def _tree(thread: Thread, told: Sequence[Point], width: int) -> Iterator[Row]:
    by_mail: dict[str, list[Remarked]] = defaultdict(list)
    for point in told:
        by_mail[point.remark.message_id].append(point.told)
    depths: list[int] = []
    for at in range(len(thread.messages)):
        parent = thread.parents[at]
        depths.append(0 if parent is None else depths[parent] + 1)
        if at < _MOST_MAILS:
            yield _mail(thread, at, depths[at], by_mail, width)
    if len(thread.messages) > _MOST_MAILS:
        more = len(thread.messages) - _MOST_MAILS
        yield line((f"  {more} more; --format json has them all", DIM))


def _mail(
    thread: Thread, at: int, depth: int, by_mail: dict[str, list[Remarked]], width: int
) -> Row:
    message = thread.messages[at]
    indent = " " * (INDENT * (1 + min(depth, _DEEPEST)))
    who = one_line(message.author.name or message.author.address) or "somebody"
    subject = parse_subject(message.subject)
    text = "answers" if subject.reply else one_line(message.subject)
    counts = _counted(by_mail.get(message.message_id, ()))
    room = width - len(indent) - len(who) - 2 - (len(counts) + 3 if counts else 0)
    tail = (f" · {counts}", "yellow" if "open" in counts else DIM) if counts else ""
    style = DIM if subject.reply else ""
    return line(indent, (who, "bold"), "  ", (cut(text, max(room, 8)), style), tail)


def _counted(remarks: Sequence[Remarked]) -> str:
    left = sum(standing(each).is_open for each in remarks)
    done = len(remarks) - left
    return ", ".join(
        filter(None, (f"{left} open" if left else "", f"{done} settled" if done else ""))
    )


def _counts(told: Sequence[Point]) -> Iterator[tuple[str, str]]:
    left = sum(standing(each.told).is_open for each in told)
    yield f"{count(len(told), 'remark')}, {left or 'none'} open", "yellow" if left else ""
    yield "tdxreview compare shows what the last revision did", DIM
