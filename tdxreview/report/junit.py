"""JUnit's XML: a suite for each patch, a test case for each rule that found something there."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from tdxreview.report.concise import concise_lines
from tdxreview.report.plain import plain
from tdxreview.report.spots import place_of
from tdxreview.report.view import View
from tdxreview.report.wording import patch_name
from tdxreview.review.model import Review
from tdxreview.rules.model import Finding, Severity


class _Case(Struct, frozen=True):
    """A test case: its name, and what is inside (`failure`, `skipped`, `system-out`)."""

    name: str
    tag: str
    message: str
    text: str


_PASSED = _Case("tdxreview", "", "", "")


def junit(review: Review, _view: View) -> str:
    """Give the document; errors and warnings are failures, notes are written to system-out.

    What was not examined is a test case that was skipped.
    """
    suites = [(name, tuple(cases)) for name, cases in _suites(review)]
    everything = [case for _, cases in suites for case in cases]
    rows = ['<?xml version="1.0" encoding="UTF-8"?>']
    rows.append(f"<testsuites name={_quoted('tdxreview')} {_counts(everything)}>")
    for name, cases in suites:
        rows.append(f"  <testsuite name={_quoted(name)} {_counts(cases)}>")
        rows += [f"    {row}" for case in cases for row in _case(name, case)]
        rows.append("  </testsuite>")
    return "\n".join((*rows, "</testsuites>")) + "\n"


def _suites(review: Review) -> Iterator[tuple[str, list[_Case]]]:
    """Give the suites: what is about the whole series, then patch by patch.

    A patch without findings has a test case that passed.
    """
    lines = list(concise_lines(review))
    pairs = list(zip(review.findings, lines, strict=False))
    known = {row.position for row in review.patches}
    own = [pair for pair in pairs if pair[0].patch not in known]
    whole = [*_cases(own), *_skipped(review, None)]
    if whole or not review.patches:
        yield review.series.subject or "tdxreview", whole or [_PASSED]
    for row in review.patches:
        own = [pair for pair in pairs if pair[0].patch == row.position]
        cases = [*_cases(own), *_skipped(review, row.position)]
        yield _title(review, row.position, row.subject), cases or [_PASSED]


def _title(review: Review, position: int, subject: str) -> str:
    return " ".join(filter(None, (patch_name(review, position), subject)))


def _cases(own: list[tuple[Finding, str]]) -> Iterator[_Case]:
    """Give a case for each rule and severity, from findings with their lines."""
    ordered = sorted(own, key=_kind)
    for (_, rule), group in groupby(ordered, _kind):
        found = list(group)
        first = found[0][0]
        tag = "system-out" if first.severity is Severity.NOTE else "failure"
        lines = [line for _, line in found]
        text = "\n".join((*lines, "", first.why.strip(), "", first.fix.strip()))
        yield _Case(rule, tag, first.message, text)


def _kind(pair: tuple[Finding, str]) -> tuple[int, str]:
    return pair[0].severity.rank, pair[0].rule


def _skipped(review: Review, position: int | None) -> Iterator[_Case]:
    known = {row.position for row in review.patches}
    for item in review.not_examined:
        if (item.patch if item.patch in known else None) == position:
            yield _Case(f"not examined: {place_of(review, item)}", "skipped", item.reason, "")


def _counts(cases: Sequence[_Case]) -> str:
    failures = sum(case.tag == "failure" for case in cases)
    skipped = sum(case.tag == "skipped" for case in cases)
    return f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="{skipped}"'


def _case(suite: str, case: _Case) -> Iterator[str]:
    head = f"<testcase classname={_quoted(suite)} name={_quoted(case.name)}"
    if not case.tag:
        yield f"{head}/>"
        return
    yield f"{head}>"
    message = "" if case.tag == "system-out" else f" message={_quoted(case.message)}"
    kind = ' type="finding"' if case.tag == "failure" else ""
    if case.text:
        yield f"  <{case.tag}{message}{kind}>{escape(_legal(case.text))}</{case.tag}>"
    else:
        yield f"  <{case.tag}{message}{kind}/>"
    yield "</testcase>"


def _quoted(text: str) -> str:
    return quoteattr(" ".join(_legal(text).split()))


def _legal(text: str) -> str:
    """Give text without what XML 1.0 has no place for (section 2.2, Char)."""
    return "".join(each for each in plain(text) if each not in "\ufffe\uffff")
