"""Where a finding stands for tools that open files: a line with its columns, never a guess."""

from typing import NamedTuple

from tdxreview.report.plain import one_line
from tdxreview.report.wording import patch_name
from tdxreview.review.model import Review
from tdxreview.rules.model import Finding
from tdxreview.source.model import NotExamined
from tdxreview.source.place import UNNAMED


class Spot(NamedTuple):
    """A line of a file with columns from 1 on, in characters; `end_column` is the one behind.

    `line` is None where the file no longer has the line. `text` is the line's text, empty where
    it is not known.
    """

    path: str
    line: int | None
    column: int
    end_column: int
    text: str


def own_spot(review: Review, index: int) -> Spot | None:
    """Give where finding `index` is in the state of its own patch.

    None if it has no place, or one in a file that nobody named.
    """
    place = review.findings[index].place
    if place is None or place.path == UNNAMED:
        return None
    rows = review.excerpts[index] if index < len(review.excerpts) else ()
    text = next((row.text for row in rows if row.number == place.line), "")
    last = len(text.rstrip()) + 1
    known = place.end_column + 1 if place.end_column and place.end_line == place.line else 0
    start = place.column + 1
    if not place.column and not place.end_column:
        start += len(text) - len(text.lstrip()) if text.strip() else 0
    return Spot(place.path, place.line, start, max(known or last, start + 1), text)


def final_spot(review: Review, index: int) -> Spot | None:
    """Give where finding `index` is once the series is applied, as a checkout of it shows."""
    spot, finding = own_spot(review, index), review.findings[index]
    if spot is None:
        return None
    if finding.last is None:
        return spot._replace(line=None)
    path, line = finding.last
    return spot._replace(path=path, line=line)


def byte_column(text: str, column: int) -> int:
    """Give a column in bytes of UTF-8 for one in characters, both from 1 on."""
    return len(text[: column - 1].encode("utf-8", "replace")) + max(column - 1 - len(text), 0) + 1


def sentence(finding: Finding) -> str:
    """Give a finding's message as one safe line, with the number of its consequences."""
    more = f" ({len(finding.consequences)} more follow from it)" if finding.consequences else ""
    return one_line(finding.message) + more.replace("1 more follow ", "1 more follows ")


def blamed(review: Review, finding: Finding) -> str:
    """Give the patch that is to blame, empty where there is only one."""
    return patch_name(review, finding.patch)


def place_of(review: Review, item: NotExamined) -> str:
    """Give where something stands that was not examined, as far as is known."""
    named = filter(None, (patch_name(review, item.patch), one_line(item.path or "")))
    return ", ".join(named) or "the input"


def missing_line(review: Review, item: NotExamined) -> str:
    """Give what was not examined and why, as one safe line."""
    reason = one_line(item.reason)
    return reason if item.absent else f"{place_of(review, item)}: not examined: {reason}"
