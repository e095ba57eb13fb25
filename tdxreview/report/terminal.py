"""The review as text for people, in colour or without, for a terminal of any width."""

from collections.abc import Iterator

from tdxreview.report.closing import not_examined_lines, summary_lines
from tdxreview.report.explanation import rule_lines, word_lines
from tdxreview.report.finding_text import finding_lines
from tdxreview.report.grouping import grouped
from tdxreview.report.heading import heading_lines
from tdxreview.report.lines import line, to_string
from tdxreview.report.open_remarks import open_remark_lines
from tdxreview.report.overview import overview_lines
from tdxreview.report.row import Row
from tdxreview.report.site_table import MOST_SITES, site_lines
from tdxreview.report.statistics import statistics_lines
from tdxreview.report.view import View
from tdxreview.review.model import Review
from tdxreview.rules.model import Severity


def terminal_report(review: Review, view: View) -> str:
    """Give the report: what is worst and where, then kind by kind; notes only if asked for.

    Text from mail and patches is shown without control characters and never as rich's markup.
    """
    lines = _lines(review, view)
    return to_string(lines, width=view.width, colour=view.colour, links=view.links)


def _lines(review: Review, view: View) -> Iterator[Row]:
    width = view.width
    yield from heading_lines(review, width=width)
    yield Row()
    if view.statistics:
        yield from statistics_lines(review, width=width)
    else:
        yield from _body(review, view)
    missing = tuple(not_examined_lines(review, width=width))
    yield from (*missing, Row()) if missing else ()
    yield from summary_lines(review, notes=view.notes, width=width)


def _body(review: Review, view: View) -> Iterator[Row]:
    shown = tuple(Severity) if view.notes else (Severity.ERROR, Severity.WARNING)
    groups = grouped(review, shown)
    yield from overview_lines(review, groups, width=view.width)
    told: set[str] = set()
    for group in groups:
        # With explain each finding stands for itself, with its own path.
        parts = [[at] for at in group.indices] if view.explain else [list(group.indices)]
        for first, *others in parts:
            fresh = group.rule not in told
            yield from finding_lines(review, first, others, width=view.width, explain=fresh)
            if view.explain and fresh:
                yield from rule_lines(review, group.rule, view.width)
            yield Row()
            told.add(group.rule)
    if 0 < len(review.sites) <= MOST_SITES:
        yield line(("SEAMCALL sites", "bold"))
        yield from site_lines(review, width=view.width)
        yield Row()
    said = tuple(open_remark_lines(review, width=view.width))
    yield from (*said, Row()) if said else ()
    words = tuple(word_lines(review, groups, view))
    yield from (*words, Row()) if words else ()
