"""What the analysis believes as text: file by file, each subject with its code and its facts."""

from collections.abc import Iterator
from itertools import groupby

from tdxreview.report.cells import pad
from tdxreview.report.closing import missing_lines
from tdxreview.report.excerpt import excerpt
from tdxreview.report.fact_sheet import Belief, FactSheet, SubjectSheet
from tdxreview.report.finding_text import trace_lines
from tdxreview.report.lines import DIM, GAP, INDENT, flow, joined, line, to_string
from tdxreview.report.row import Row
from tdxreview.report.view import View
from tdxreview.report.wording import call_name, count, short_path
from tdxreview.rules.explain import ClauseOutcome, Explanation

VALUES = 20
"""The column at which values stand."""
INDENTED = 2 * INDENT


def fact_report(sheet: FactSheet, view: View) -> str:
    """Give the facts of every subject; those of which nothing is known are only named."""
    return to_string(_lines(sheet, view.width), width=view.width, colour=view.colour)


def _lines(sheet: FactSheet, width: int) -> Iterator[Row]:
    heading = [(f"facts of {sheet.taken_for}", "bold")]
    if sheet.rule:
        heading.append((f"as {sheet.rule.id} sees them", ""))
    yield from joined(heading, width=width, indent=INDENT)
    for path, group in groupby(sheet.subjects, key=lambda each: each.subject.place.path):
        yield Row()
        yield line((short_path(path, width) or "(a file without a name)", "bold"))
        for each in group:
            yield Row()
            yield from _subject(each, width)
    yield Row()
    if sheet.not_examined:
        missing = [(item.path or "", item.reason) for item in sheet.not_examined]
        yield from (*missing_lines(missing, width=width), Row())
    yield from joined(_counts(sheet), width=width, indent=INDENT)


def _counts(sheet: FactSheet) -> Iterator[tuple[str, str]]:
    kinds = [each.about for each in sheet.subjects]
    yield count(len(kinds), "subject") if kinds else "Nothing here has to do with SEAMCALL.", ""
    for kind in sorted(set(kinds)):
        yield f"{kind} {kinds.count(kind)}", DIM


def _subject(sheet: SubjectSheet, width: int) -> Iterator[Row]:
    subject = sheet.subject
    head = [
        (f"{subject.place.line}", DIM),
        (sheet.about, "bold"),
        (call_name(subject.function, subject.place.path), ""),
        ("known in part only" if subject.partial else "", DIM),
    ]
    yield from joined(head, width=width, start=INDENT, indent=INDENTED, between=GAP)
    names = [(f"{name} {text}", "") for name, text in sheet.names if text]
    if names:
        yield from joined(names, width=width, start=INDENTED, indent=INDENTED)
    yield from excerpt(sheet.code, subject.place, width=width, sign=" ", style="bold")
    for belief in sheet.beliefs:
        yield from _belief(belief, width, subject.place.path) if belief.known else ()
    unknown = ", ".join(belief.fact for belief in sheet.beliefs if not belief.known)
    yield from _entry("unknown", unknown, width, DIM)
    yield from _entry("rules", ", ".join(sheet.matched), width, "bold")
    if sheet.asked:
        yield from _asked(sheet.asked, width)


def _belief(belief: Belief, width: int, beside: str) -> Iterator[Row]:
    yield from _entry(belief.fact, ", ".join(belief.values) or "none", width)
    yield from trace_lines(belief.steps, width=width, beside=beside, label="")


def _entry(label: str, text: str, width: int, style: str = "") -> Iterator[Row]:
    """Give a label with what it says in the column of values, nothing where it says nothing."""
    if not text:
        return
    first, *others = flow([(text, style)], width=width - VALUES)
    yield Row(" " * INDENTED).append(pad(label, VALUES - INDENTED - 1) + " ", DIM).append(first)
    for row in others:
        yield Row(" " * VALUES).append(row)


def _asked(asked: Explanation, width: int) -> Iterator[Row]:
    verdict = "matches" if asked.matches else "does not match"
    yield from _entry("rule", f"{asked.rule.id} {verdict}", width, "bold")
    for clause in asked.clauses:
        label = f"{'unless' if clause.excludes else 'when'}, line {clause.line}"
        yield from _entry(label, _outcome(clause), width)


def _outcome(clause: ClauseOutcome) -> str:
    if clause.holds:
        return "holds"
    return "; ".join(
        f"{miss.fact} is {' and '.join(miss.found) or 'nothing'}, not {' or '.join(miss.wanted)}"
        for miss in clause.missed
    )
