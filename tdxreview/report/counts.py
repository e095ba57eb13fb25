"""Findings and sites, counted and said in a phrase."""

from collections.abc import Iterable, Sequence

from tdxreview.report.wording import count
from tdxreview.review.model import SiteRow, Verdict
from tdxreview.rules.model import Finding, Severity

VERDICT_WORDS = {
    Verdict.OK: "ok",
    Verdict.CALLER: "caller's duty",
    Verdict.UNKNOWN: "unknown",
    Verdict.VIOLATED: "violated",
}


def verdict_counts(sites: Sequence[SiteRow]) -> str:
    """Give `7 SEAMCALL sites: 5 ok, 1 caller's duty, 1 violated`."""
    if not sites:
        return "no SEAMCALL sites"
    counts = {verdict: sum(row.verdict is verdict for row in sites) for verdict in Verdict}
    said = ", ".join(f"{number} {VERDICT_WORDS[one]}" for one, number in counts.items() if number)
    return f"{count(len(sites), 'SEAMCALL site')}: {said}"


def said_counts(findings: Iterable[Finding]) -> str:
    """Give `1 error, 0 warnings, 2 notes`; notes are told of only where there are any."""
    found = [each.severity for each in findings]
    said = [count(found.count(each), each.value) for each in (Severity.ERROR, Severity.WARNING)]
    notes = found.count(Severity.NOTE)
    return ", ".join((*said, count(notes, "note")) if notes else said)
