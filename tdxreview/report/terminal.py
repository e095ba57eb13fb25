"""The review as text for people, in colour or without, for a terminal of any width."""

from collections.abc import Iterator

from rich.text import Text

from tdxreview.report.closing import not_examined_lines, summary_lines
from tdxreview.report.finding_text import finding_lines
from tdxreview.report.heading import heading_lines
from tdxreview.report.lines import line, to_string
from tdxreview.report.open_remarks import open_remark_lines
from tdxreview.report.site_table import MOST_SITES, site_lines
from tdxreview.report.view import View
from tdxreview.review.model import Review
from tdxreview.rules.model import Severity


def terminal_report(review: Review, view: View) -> str:
    """Give the report; notes are only counted unless `view.notes` asks for them.

    Text from mail and patches is shown without control characters and never as rich's markup.
    """
    lines = _lines(review, view.width, notes=view.notes)
    return to_string(lines, width=view.width, colour=view.colour)


def _lines(review: Review, width: int, *, notes: bool) -> Iterator[Text]:
    yield from heading_lines(review, width=width)
    yield Text()
    explained: set[str] = set()
    for index in _shown(review, notes=notes):
        rule = review.findings[index].rule
        yield from finding_lines(review, index, width=width, explain=rule not in explained)
        yield Text()
        explained.add(rule)
    if 0 < len(review.sites) <= MOST_SITES:
        yield line(("SEAMCALL sites", "bold"))
        yield from site_lines(review, width=width)
        yield Text()
    said = tuple(open_remark_lines(review, width=width))
    yield from (*said, Text()) if said else ()
    missing = tuple(not_examined_lines(review, width=width))
    yield from (*missing, Text()) if missing else ()
    yield from summary_lines(review, notes=notes, width=width)


def _shown(review: Review, *, notes: bool) -> list[int]:
    """Give the indices of the findings to show, the gravest first."""
    order = tuple(Severity)
    kept = [
        index
        for index, finding in enumerate(review.findings)
        if notes or finding.severity is not Severity.NOTE
    ]
    return sorted(kept, key=lambda index: order.index(review.findings[index].severity))
