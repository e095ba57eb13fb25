"""What reviewers still wait for at the SEAMCALLs of a review, and who spoke of a finding."""

from collections.abc import Iterator

from tdxreview.facts.conversation.remarks import remarked
from tdxreview.facts.conversation.schema import Remarked
from tdxreview.facts.conversation.story import Story
from tdxreview.report.lines import DIM, INDENT, flow, line
from tdxreview.report.plain import one_line
from tdxreview.report.remark_words import beginning, headline, standing
from tdxreview.report.row import Row
from tdxreview.report.wording import count
from tdxreview.review.model import Review
from tdxreview.rules.model import Finding
from tdxreview.talk.model import Remark

MOST_LINES = 24
"""The lines that all of it takes at most, so that it leaves room for the findings."""
_NEAR = 12
"""How many lines from a SEAMCALL a remark may hang that is about it."""
_MOST_SAID = 3
_FAR = 1 << 20


def open_remark_lines(review: Review, *, width: int) -> Iterator[Row]:
    """Give the open remarks on the reviewed SEAMCALLs, nothing if there is none."""
    rows = [row for remark, told in _open(review) for row in (_lines(remark, told, width),)]
    if not rows:
        return
    yield line(("Open remarks at these SEAMCALLs", "bold"))
    left, shown = MOST_LINES - 2, 0
    for row in rows:
        if len(row) > left:
            break
        yield from row
        left, shown = left - len(row), shown + 1
    if shown < len(rows):
        yield line((f"  {len(rows) - shown} more; tdxreview thread lists them", DIM))


def _open(review: Review) -> Iterator[tuple[Remark, Remarked]]:
    if review.conversation is None or not review.sites:
        return
    sites = {(row.place.path, at) for row in review.sites for at in _around(row.place.line)}
    for remark, told in remarked(Story(review.conversation, review.series)):
        if standing(told).is_open and (told.place.path, told.place.line) in sites:
            yield remark, told


def _around(number: int) -> range:
    return range(number - _NEAR, number + _NEAR + 1)


def _lines(remark: Remark, told: Remarked, width: int) -> list[Row]:
    name = told.place.path.rpartition("/")[2]
    where = f"{one_line(name)}:{told.place.line}"
    head = f"{one_line(headline(told))} on {told.revision}:"
    room = 2 * (width - 3 * INDENT) - len(head) - len(where)
    pieces = [(where, "bold"), (head, "yellow"), (beginning(remark.text, room), "")]
    return list(flow(pieces, width=width, start=INDENT, indent=2 * INDENT, between=" "))


def said_of(review: Review, finding: Finding) -> str:
    """Give who spoke of a finding already, what came of it, and in which mail."""
    told = _told(review, finding)
    shown = [
        f"{one_line(told[name])} <{one_line(name)}>" if name in told else f"<{one_line(name)}>"
        for name in finding.remarks[:_MOST_SAID]
    ]
    more = len(finding.remarks) - len(shown)
    return ", ".join(shown) + (f" and {count(more, 'more remark')}" if more > 0 else "")


def _told(review: Review, finding: Finding) -> dict[str, str]:
    """Give, by mail, the remark in it that is nearest to a finding."""
    if review.conversation is None or not finding.remarks:
        return {}
    story = Story(review.conversation, review.series)
    known = [each for each in remarked(story) if each[0].message_id in finding.remarks]
    return {
        remark.message_id: f"{told.reviewer} on {told.revision}, {standing(told).words}:"
        for remark, told in sorted(
            known, key=lambda each: _distance(each[1], finding), reverse=True
        )
    }


def _distance(told: Remarked, finding: Finding) -> tuple[bool, int, bool]:
    subject, place = finding.subject, finding.place
    far = place is None or told.place.path != place.path
    lines = 0 if place is None else abs(told.place.line - place.line)
    return subject != told, (_FAR if far else lines), not standing(told).is_open
