"""SEAMCALL sites in columns: one line each where they fit, two where they do not."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from tdxreview.report.cells import cut, pad, width_of
from tdxreview.report.counts import VERDICT_WORDS
from tdxreview.report.lines import DIM, INDENT, joined, line
from tdxreview.report.plain import one_line
from tdxreview.report.row import Row
from tdxreview.report.wording import call_name, patch_name, short_path
from tdxreview.review.model import Review, SiteRow, Verdict

VERDICT_STYLES = {
    Verdict.OK: "green",
    Verdict.CALLER: "",
    Verdict.UNKNOWN: "yellow",
    Verdict.VIOLATED: "bold red",
}
MOST_SITES = 20
"""A longer table is left to `tdxreview sites`."""
GAP = 2
NARROWEST_FUNCTION = 12


class _Row(Struct, frozen=True):
    """A site's cells: `main` says what it is, `more` what is known of it."""

    path: str
    verdict: Verdict
    main: tuple[str, ...]
    more: tuple[str, ...]


def site_lines(review: Review, *, width: int) -> Iterator[Row]:
    """Give all sites, file by file: line, verdict, function, leaf; wrapper, states, status."""
    rows = [_row(review, site) for site in review.sites]
    main = _widths([row.main for row in rows])
    more = _widths([row.more for row in rows])
    beside = INDENT + _total(main) + GAP + _total(more) <= width
    if not beside:
        main = _narrowed(main, width - INDENT)
    for path, group in groupby(rows, key=lambda row: row.path):
        yield line(" " * INDENT, (short_path(path, width - INDENT), "bold"))
        for row in group:
            yield from _beside(row, main, more) if beside else _below(row, main, width)


def _row(review: Review, site: SiteRow) -> _Row:
    states = ", ".join(f"{name}: {value}" for name, value in site.states)
    verdict = VERDICT_WORDS[site.verdict]
    main = (
        str(site.place.line),
        verdict,
        call_name(site.function, site.place.path) or "-",
        one_line(site.leaf) or "leaf unknown",
    )
    more = (
        one_line(site.callee),
        one_line(states),
        f"status {one_line(site.status_use)}" if site.status_use else "",
        patch_name(review, site.patch),
    )
    return _Row(site.place.path, site.verdict, main, more)


def _widths(rows: Sequence[tuple[str, ...]]) -> tuple[int, ...]:
    return tuple(max(map(width_of, column)) for column in zip(*rows, strict=True))


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(len(widths) - 1, 0)


def _narrowed(widths: tuple[int, ...], room: int) -> tuple[int, ...]:
    """Give the widths with the functions' column as narrow as the others need."""
    number, verdict, function, leaf = widths
    left = room - _total((number, verdict, 0, leaf))
    return number, verdict, min(function, max(left, NARROWEST_FUNCTION)), leaf


def _beside(row: _Row, main: Sequence[int], more: Sequence[int]) -> Iterator[Row]:
    text = _main_line(row, main)
    for cell, columns in zip(row.more, more, strict=True):
        text.append(" " * GAP).append(pad(cell, columns), DIM)
    yield text


def _below(row: _Row, main: Sequence[int], width: int) -> Iterator[Row]:
    text = _main_line(row, main)
    text.cut(width)
    yield text
    indent = INDENT + main[0] + GAP
    said = [(cell, DIM) for cell in row.more if cell]
    yield from joined(said, width=width, start=indent, indent=indent)


def _main_line(row: _Row, widths: Sequence[int]) -> Row:
    number, verdict, *others = row.main
    text = Row(" " * INDENT).append(number.rjust(widths[0]), DIM)
    text.append(" " * GAP).append(pad(verdict, widths[1]), VERDICT_STYLES[row.verdict])
    for cell, columns in zip(others, widths[2:], strict=True):
        text.append(" " * GAP + pad(cut(cell, columns), columns))
    return text
