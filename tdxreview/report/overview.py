"""The first lines of a report: what is worst, where, and how much of it there is."""

from collections.abc import Iterator, Sequence

from tdxreview.report.cells import pad, width_of
from tdxreview.report.counts import said_counts, verdict_counts
from tdxreview.report.finding_text import STYLES
from tdxreview.report.grouping import Group, first_of
from tdxreview.report.lines import DIM, GAP, INDENT, joined
from tdxreview.report.plain import one_line
from tdxreview.report.row import Row
from tdxreview.report.wording import count, patch_counter, ranges, short_names
from tdxreview.review.model import Review
from tdxreview.rules.model import Severity

MOST_ROWS = 12
"""Kinds of findings in the overview; the findings themselves follow."""
LONGEST_LIST = 8
"""Characters of a list of patches that a column has room for."""


def overview_lines(review: Review, groups: Sequence[Group], *, width: int) -> Iterator[Row]:
    """Give the counts and a line for each kind of finding; nothing for a single finding."""
    if sum(len(group.indices) for group in groups) < 2:  # noqa: PLR2004  one is read at once
        return
    said = [(said_counts(review.findings), "bold"), (verdict_counts(review.sites), "")]
    yield from joined(said, width=width, indent=INDENT)
    cells = [_cells(review, group) for group in groups[:MOST_ROWS]]
    widths = [max(map(width_of, column)) for column in zip(*cells, strict=True)]
    for row, group in zip(cells, groups, strict=False):
        yield from _row(row, widths, STYLES[group.severity], width)
    if len(groups) > MOST_ROWS:
        more = count(len(groups) - MOST_ROWS, "more kind", "more kinds")
        yield Row(" " * INDENT + f"and {more}", DIM)
    yield Row()


def _cells(review: Review, group: Group) -> tuple[str, str, str, str]:
    return group.severity.value, group.rule, _where(review, group), _patches(review, group)


def _row(cells: tuple[str, ...], widths: Sequence[int], style: str, width: int) -> Iterator[Row]:
    """Give a row in columns, or in two lines where the columns do not fit."""
    severity, rule, where, patches = map(pad, cells, widths)
    head = Row(" " * INDENT).append(severity, style).append(GAP + rule)
    beside = head.columns + sum(widths[2:]) + 2 * len(GAP) <= width
    if beside:
        yield head.append(GAP + where, "bold").append(GAP + patches, DIM)
        return
    yield head
    told = [(text, style) for text, style in ((cells[2], "bold"), (cells[3], DIM)) if text]
    if told:
        indent = INDENT + widths[0] + len(GAP)
        yield from joined(told, width=width, start=indent, indent=indent, between=GAP)


def _where(review: Review, group: Group) -> str:
    """Give the first place by its short name, and how many there are."""
    place = first_of(review, group).place
    more = len(group.indices) - 1
    if place is None:
        return count(len(group.indices), "place") if more else ""
    paths = {each.place.path for each in review.findings if each.place}
    first = f"{one_line(short_names(paths)[place.path])}:{place.line}"
    return f"{first} and {more} more" if more else first


def _patches(review: Review, group: Group) -> str:
    """Give the patches that are to blame, by their counters."""
    rows = {row.position: row for row in review.patches}
    to_blame = [review.findings[at].patch for at in group.indices]
    found = [rows[position] for position in to_blame if position in rows]
    if review.series.total <= 1 or not found:
        return ""
    counters = [patch_counter(row) for row in found]
    if all(each.isdecimal() for each in counters):
        said = ranges(map(int, counters))
    else:
        said = ", ".join(dict.fromkeys(counters))
    different = len(set(counters))
    if different == 1:
        return f"patch {said}/{review.series.total}"
    return f"patches {said}" if len(said) <= LONGEST_LIST else f"{different} patches"


def notes_by_rule(review: Review) -> str:
    """Give `3 status-retry-missing, 1 ctx-raw-seamcall`: notes that are only counted."""
    rules = [each.rule for each in review.findings if each.severity is Severity.NOTE]
    order = sorted(set(rules), key=lambda rule: (-rules.count(rule), rule))
    return ", ".join(f"{rules.count(rule)} {rule}" for rule in order)
