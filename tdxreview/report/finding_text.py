"""One finding as people read it: what, where, the code, the way there, why, what to do."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from tdxreview.report.cells import pad, width_of, wrapped
from tdxreview.report.excerpt import excerpt
from tdxreview.report.lines import (
    DIM,
    GAP,
    INDENT,
    LABEL_WIDTH,
    PROSE_WIDTH,
    flow,
    joined,
    labelled,
    line,
)
from tdxreview.report.open_remarks import said_of
from tdxreview.report.places_text import place_lines
from tdxreview.report.plain import one_line
from tdxreview.report.row import Row
from tdxreview.report.wording import call_name, patch_name, short_path, step_names
from tdxreview.review.model import Review
from tdxreview.rules.model import Confidence, Finding, Origin, Severity
from tdxreview.source.place import Step

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
NARROWEST_STEP = 24
"""Columns that a step's text needs beside its place; with less it goes on a line of its own."""
LONGEST_PLACE = 26
"""Columns of a place with others below it in one column."""


def finding_lines(
    review: Review, index: int, others: Sequence[int] = (), *, width: int, explain: bool
) -> Iterator[Row]:
    """Give finding `index` of the review, and the places of `others`, which say the same.

    Without `explain` the rule's own text is left out.
    """
    finding = review.findings[index]
    style = STYLES[finding.severity]
    head = (f"{finding.severity}[{finding.rule}]", style)
    yield from flow((head, (finding.message, "bold")), width=width, indent=2 * INDENT)
    where = tuple(piece for piece in _where(review, finding, width) if piece[0])
    yield from joined(where, width=width, start=INDENT, indent=2 * INDENT, between=GAP)
    beside = ""
    if finding.place is not None:
        beside = finding.place.path
        sign = "-" if finding.side == "before" else "+"
        code = review.excerpts[index] if index < len(review.excerpts) else ()
        yield from excerpt(code, finding.place, width=width, sign=sign, style=style)
    yield from trace_lines(_telling(finding), width=width, beside=beside)
    yield from place_lines(review, index, others, width)
    for at in (index, *others):
        yield from _consequences(review.findings[at], beside, width)
    yield from _explanation(finding, width, explain=explain)
    yield from labelled("said", said_of(review, finding), width)


def _consequences(finding: Finding, beside: str, width: int) -> Iterator[Row]:
    """Say what only follows from a finding, and where."""
    label = "so"
    for each in finding.consequences:
        where = ""
        if each.place is not None:
            name = step_names([each.place.path], beside)[each.place.path]
            where = f"{one_line(name)}:{each.place.line}  "
        yield from labelled(label, f"{where}{each.message} [{each.rule}]", width)
        label = ""


def _last(finding: Finding) -> str:
    """Say where the line is once the whole series is applied, if it is elsewhere."""
    if finding.place is None or finding.last is None:
        return ""
    path, number = finding.last
    if path != finding.place.path:
        return f"{one_line(path)}:{number} after the series"
    return f"line {number} after the series" if number != finding.place.line else ""


def _telling(finding: Finding) -> tuple[Step, ...]:
    """Give the steps of the trace; one that only repeats the message is not told twice."""
    told = tuple(
        replace(step, text="here") if step.text == finding.message else step
        for step in finding.trace
    )
    return () if [step.text for step in told] == ["here"] else told


def _where(review: Review, finding: Finding, width: int) -> Iterator[tuple[str, str]]:
    patch = patch_name(review, finding.patch)
    yield patch, DIM
    if finding.place is not None:
        path, number = finding.place.path, finding.place.line
        room = width - INDENT - len(patch) - len(str(number)) - 4
        yield f"{short_path(path, room)}:{number}", "bold"
        yield call_name(finding.function, path), ""
    if finding.side == "before":
        yield "before the patch", DIM
    yield _last(finding), DIM
    if finding.origin is Origin.AFFECTED:
        yield "not changed here, but affected", DIM
    if finding.confidence is not Confidence.HIGH:
        yield f"{finding.confidence} confidence", DIM


def trace_lines(
    trace: tuple[Step, ...], *, width: int, beside: str, label: str = "path"
) -> Iterator[Row]:
    """Give the steps in columns: place, function, what happens there.

    Places are named as from the file `beside`; long ones have a line of their own.
    """
    names = step_names((step.path for step in trace), beside)
    places = [f"{one_line(names[step.path])}:{step.line}" for step in trace]
    functions = [call_name(step.function, step.path) for step in trace]
    short = [width_of(place) for place in places if width_of(place) <= LONGEST_PLACE]
    wide = max(short, default=INDENT) + 2
    called = max(map(width_of, functions), default=0)
    called += 2 if called else 0
    margin = INDENT + LABEL_WIDTH
    for step, place, function in zip(trace, places, functions, strict=True):
        head = (label.ljust(LABEL_WIDTH), DIM)
        label = ""
        if width_of(place) > LONGEST_PLACE:
            yield line(" " * INDENT, head, place)
            head, place = (" " * LABEL_WIDTH, ""), ""  # noqa: PLW2901
        beyond = min(width, PROSE_WIDTH + margin) - margin - wide - called
        left = line(" " * INDENT, head, pad(place, wide), (pad(function, called), ""))
        yield from _step(left, one_line(step.text), beyond, margin=margin, width=width)


def _step(left: Row, text: str, beside: int, *, margin: int, width: int) -> Iterator[Row]:
    if beside < NARROWEST_STEP:
        left.cut(width)
        if left.plain.strip():
            yield left
        left, beside = Row(" " * (margin + 2)), width - margin - 2
    indent = left.columns
    for row in wrapped(text, beside) if text else ("",):
        yield left.append(row)
        left = Row(" " * indent)


def _explanation(finding: Finding, width: int, *, explain: bool) -> Iterator[Row]:
    if explain:
        yield from labelled("why", finding.why, width)
        yield from labelled("fix", finding.fix, width)
    else:
        yield from labelled("why", f"as for the first {finding.rule} above", width, DIM)
