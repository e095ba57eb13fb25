"""The other places of a kind of finding: where each is, and what it says or what stands there."""

from collections.abc import Iterator, Sequence

from tdxreview.report.cells import cut, expand_tabs
from tdxreview.report.lines import DIM, GAP, INDENT, LABEL_WIDTH, flow, joined, line
from tdxreview.report.plain import one_line, plain
from tdxreview.report.row import Row
from tdxreview.report.wording import call_name, count, patch_name, step_names
from tdxreview.review.model import Review
from tdxreview.rules.model import Confidence, Finding, Origin

MOST_PLACES = 12
"""Places that are listed; --explain shows each by itself, and JSON has them all."""


def place_lines(review: Review, first: int, others: Sequence[int], width: int) -> Iterator[Row]:
    """Give the places of `others`, findings by index that say the same as `first`."""
    told = review.findings[first]
    label = "also"
    for index in others[:MOST_PLACES]:
        yield from _place(review, index, told, label=label, width=width)
        label = ""
    if len(others) > MOST_PLACES:
        more = count(len(others) - MOST_PLACES, "more place")
        yield line(" " * (INDENT + LABEL_WIDTH), (f"{more}; --explain shows all", DIM))


def _place(review: Review, index: int, told: Finding, *, label: str, width: int) -> Iterator[Row]:
    finding = review.findings[index]
    margin = INDENT + LABEL_WIDTH
    pieces = tuple(_pieces(review, finding, told))
    rows = joined(pieces, width=width - margin, indent=INDENT, between=GAP)
    for row in rows:
        yield line(" " * INDENT, (label.ljust(LABEL_WIDTH), DIM)).append(row)
        label = ""
    room = width - margin - INDENT
    if _in_words(finding) != _in_words(told):
        for row in flow([(finding.message, "")], width=room):
            yield line(" " * (margin + INDENT)).append(row)
    elif code := _code(review, index):
        yield line(" " * (margin + INDENT), (cut(code, room), DIM))


def _in_words(finding: Finding) -> str:
    """Give a message without the name of its function: what is left is said alike or not."""
    return finding.message.replace(finding.function, "") if finding.function else finding.message


def _pieces(review: Review, finding: Finding, told: Finding) -> Iterator[tuple[str, str]]:
    if finding.place is not None:
        path = finding.place.path
        beside = told.place.path if told.place else ""
        yield f"{one_line(step_names([path], beside)[path])}:{finding.place.line}", "bold"
        yield call_name(finding.function, path), ""
    if finding.patch != told.patch or finding.place is None:
        yield patch_name(review, finding.patch), DIM
    if finding.origin is Origin.AFFECTED:
        yield "not changed here, but affected", DIM
    if finding.confidence is not told.confidence is not Confidence.HIGH:
        yield f"{finding.confidence} confidence", DIM


def _code(review: Review, index: int) -> str:
    place = review.findings[index].place
    rows = review.excerpts[index] if index < len(review.excerpts) else ()
    text = next((row.text for row in rows if place and row.number == place.line), "")
    return expand_tabs(plain(text).replace("\n", "")).strip()
