"""The end of a text report: what was not examined, and the counts."""

from collections.abc import Iterator, Sequence

from tdxreview.report.all_seen import all_seen
from tdxreview.report.counts import verdict_counts
from tdxreview.report.finding_text import STYLES
from tdxreview.report.known import hidden_words, spent_words
from tdxreview.report.lines import DIM, INDENT, flow, joined, line
from tdxreview.report.overview import notes_by_rule
from tdxreview.report.plain import one_line
from tdxreview.report.row import Row
from tdxreview.report.site_table import MOST_SITES
from tdxreview.report.wording import count, patch_name, ranges
from tdxreview.review.model import Review
from tdxreview.rules.model import Severity
from tdxreview.source.file_kinds import is_beside, may_hold_code
from tdxreview.source.model import NotExamined

MOST_NOT_EXAMINED = 20


def not_examined_lines(review: Review, *, width: int) -> Iterator[Row]:
    """Give what was not looked at, with the reason, and which patches are not in the input."""
    items = [item for item in review.not_examined if not item.absent]
    if not items and not review.series.missing:
        return
    yield from missing_lines([(_place(review, item), item.reason) for item in items], width=width)
    if missing := review.series.missing:
        noun = "patch" if len(missing) == 1 else "patches"
        place = f"{noun} {ranges(missing)} of {review.series.total}"
        yield from _item(place, "not in the input", width)


def missing_lines(items: Sequence[tuple[str, str]], *, width: int) -> Iterator[Row]:
    """Give places with the reason why they were not looked at, below a heading."""
    yield line(("Not examined", "bold"))
    for place, reason in items[:MOST_NOT_EXAMINED]:
        yield from _item(place, reason, width)
    if len(items) > MOST_NOT_EXAMINED:
        more = f"{len(items) - MOST_NOT_EXAMINED} more"
        yield from _item(more, "--format json has them all", width)


def _item(place: str, reason: str, width: int) -> Iterator[Row]:
    pieces = [(place, "bold")] if place else []
    return flow([*pieces, (reason, "")], width=width, start=INDENT, indent=2 * INDENT)


def _place(review: Review, item: NotExamined) -> str:
    return "  ".join(filter(None, (patch_name(review, item.patch), item.path)))


def summary_lines(review: Review, *, notes: bool, width: int) -> Iterator[Row]:
    """Give the counts, and whether everything was examined."""
    yield from joined(_counts(review, notes=notes), indent=INDENT, width=width)
    for words in spent_words(review):
        yield from flow([(one_line(words), "yellow")], width=width, start=0, indent=INDENT)
    yield from joined(_last_words(review, notes=notes), indent=INDENT, width=width)


def _counts(review: Review, *, notes: bool) -> Iterator[tuple[str, str]]:
    said = verdict_counts(review.sites)
    yield said[0].upper() + said[1:], ""
    errors, warnings = review.count(Severity.ERROR), review.count(Severity.WARNING)
    style = STYLES[Severity.ERROR] if errors else STYLES[Severity.WARNING] if warnings else ""
    yield f"{count(errors, 'error')}, {count(warnings, 'warning')}", style
    if noted := review.count(Severity.NOTE):
        shows = " (--notes shows " + ("it)" if noted == 1 else "them)")
        kinds = f": {notes_by_rule(review)}" if noted > 1 else ""
        yield count(noted, "note") + ("" if notes else f"{kinds}{shows}"), ""
    if review.hidden_existing:
        yield f"{review.hidden_existing} older, not the series' doing", DIM
    yield from ((words, DIM) for words in hidden_words(review))


def _last_words(review: Review, *, notes: bool) -> Iterator[tuple[str, str]]:
    if review.not_examined or review.series.missing:
        yield "Not everything was examined, see above.", "yellow" if review.incomplete else ""
    else:
        yield all_seen(review), ""
    passed = [item.path for item in review.let_go if item.patch and item.path]
    if code := [path for path in passed if may_hold_code(path)]:
        yield f"no seamcall, tdx_, vmxon or like word in {_first_of(code)}", DIM
    if beside := [path for path in passed if is_beside(path)]:
        yield f"let go as no part of the kernel: {_first_of(beside)}", DIM
    shown = [item.rule for item in review.findings if notes or item.severity is not Severity.NOTE]
    if len(review.sites) > MOST_SITES:
        yield "tdxreview sites lists the sites", DIM
    if shown:
        yield f"tdxreview rules show {shown[0]}", DIM


def _first_of(paths: Sequence[str]) -> str:
    more = len(set(paths)) - 1
    return f"{one_line(paths[0])} and {count(more, 'other file')}" if more else one_line(paths[0])
