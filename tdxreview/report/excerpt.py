"""The code around a finding, with a mark under the columns that it is about."""

from collections.abc import Iterator, Sequence

from tdxreview.report.cells import ELLIPSIS, cut, expand_tabs, width_of
from tdxreview.report.lines import DIM, line
from tdxreview.report.plain import plain
from tdxreview.report.row import Row
from tdxreview.review.model import CodeLine
from tdxreview.source.place import Place

BEFORE, AFTER = 2, 1
"""Lines of context around the place."""
LONGEST = 6
"""Lines of the place itself; a longer one is cut, its end is not where the eye goes."""
GUTTER = 4
MARGIN = 8
"""Columns of the mark that have to be in sight; with less, the code is moved to the left."""


def excerpt(
    code: Sequence[CodeLine], place: Place, *, width: int, sign: str, style: str
) -> Iterator[Row]:
    """Give the lines with their numbers, `sign` before the changed ones, and the mark."""
    shown = _shown(code, place)
    if not shown:
        return
    digits = len(str(shown[-1].number))
    room = width - GUTTER - digits - 3
    here = next((row for row in shown if row.number == place.line), shown[0])
    dedent = min((_indent(row.text) for row in shown if row.text.strip()), default=0)
    start, end = _columns(here.text, place)
    left = dedent if start - dedent < room - MARGIN else start - room // 2
    for row in shown:
        text = cut(_from(_display(row.text), left), room)
        yield _code_line(row, digits, text, sign, bright=row.added or row is here)
        if row is here and row.text.strip():
            mark = "^" * max(min(end - left, room) - (start - left), 1)
            yield line(" " * (GUTTER + digits + 3 + start - left), (mark, style))
    if shown[-1].number < place.end_line:
        yield line(" " * (GUTTER + digits + 3), (ELLIPSIS, DIM))


def _code_line(row: CodeLine, digits: int, text: str, sign: str, *, bright: bool) -> Row:
    colour = ("red" if sign == "-" else "green") if row.added else ""
    return line(
        " " * GUTTER,
        (str(row.number).rjust(digits), DIM),
        (f" {sign if row.added else ' '} ", colour),
        (text, "" if bright else DIM),
    )


def _shown(code: Sequence[CodeLine], place: Place) -> tuple[CodeLine, ...]:
    """Give the lines worth showing: around the place, without empty ones at the ends."""
    last = min(place.end_line + AFTER, place.line + LONGEST - 1)
    near = [row for row in code if place.line - BEFORE <= row.number <= last]
    while near and not near[0].text.strip() and near[0].number != place.line:
        near = near[1:]
    while near and not near[-1].text.strip() and near[-1].number != place.line:
        near = near[:-1]
    return tuple(near)


def _columns(text: str, place: Place) -> tuple[int, int]:
    """Give the columns on the screen, from and up to, that the place's characters take."""
    last = len(text.rstrip())
    end = last if place.end_line > place.line else min(place.end_column, last)
    start = place.column if place.column < end else 0
    end = end if end > start else last
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return width_of(_display(text[:start])), width_of(_display(text[:end]))


def _display(text: str) -> str:
    return expand_tabs(plain(text).replace("\n", ""))


def _indent(text: str) -> int:
    shown = _display(text)
    return len(shown) - len(shown.lstrip(" "))


def _from(text: str, column: int) -> str:
    """Give `text` from a column on; a wide character that is cut in two goes."""
    if text.isascii():
        return text[column:]
    at, used = 0, 0
    while at < len(text) and used < column:
        used += width_of(text[at])
        at += 1
    return " " * (used - column) + text[at:]
