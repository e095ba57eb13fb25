"""The site inventory as text: every SEAMCALL with what holds there and what comes of its status."""

from collections.abc import Iterator

from tdxreview.report.all_seen import all_seen
from tdxreview.report.closing import not_examined_lines
from tdxreview.report.counts import verdict_counts
from tdxreview.report.heading import heading_lines
from tdxreview.report.lines import line, to_string
from tdxreview.report.row import Row
from tdxreview.report.site_table import site_lines
from tdxreview.report.view import View
from tdxreview.review.model import Review


def site_report(review: Review, view: View) -> str:
    """Give the inventory, file by file."""
    return to_string(_lines(review, view.width), width=view.width, colour=view.colour)


def _lines(review: Review, width: int) -> Iterator[Row]:
    yield from heading_lines(review, width=width)
    yield Row()
    if review.sites:
        yield from site_lines(review, width=width)
        yield Row()
    missing = tuple(not_examined_lines(review, width=width))
    yield from (*missing, Row()) if missing else ()
    said = verdict_counts(review.sites)
    end = "" if missing else f" {all_seen(review)}"
    yield line(f"{said[0].upper()}{said[1:]}.{end}")
