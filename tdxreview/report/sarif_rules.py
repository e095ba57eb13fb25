"""The rules of a SARIF run, with the text that GitHub shows beside an alert."""

from pathlib import Path
from typing import Any

from tdxreview.report.markdown_text import escaped
from tdxreview.report.plain import one_line
from tdxreview.review.model import Review
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.model import Confidence, Finding, Rule, Severity

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
PROBLEM = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "recommendation",
}
DANGER = {Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.NOTE: "2.0"}
"""A SEAMCALL gone wrong takes the host down, or loses its error."""
PRECISION = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
LONGEST = 1024
"""Characters that GitHub takes of a description."""
LONGEST_NAME = 255
PAGE = "rules.html"
"""The page of the site that has an anchor for each rule."""


def rule_of(review: Review, rule: str, manual: str = "") -> dict[str, Any]:
    """Give a rule by its own text, or by that of its gravest finding where only that is known.

    `manual` is where the site is that has our rules under their ids, empty where there is none.
    """
    known = next((each for each in review.rules if each.id == rule), None)
    found = next(each for each in review.findings if each.rule == rule)
    severity = known.severity if known else found.severity
    confidence = known.confidence if known else found.confidence
    title = one_line(known.title if known else found.message)
    return {
        "id": rule[:LONGEST_NAME],
        "name": rule[:LONGEST_NAME],
        "shortDescription": {"text": title[:LONGEST]},
        "fullDescription": {"text": (one_line(found.why) or title)[:LONGEST]},
        "help": {"text": _help(found, known), "markdown": _help(found, known, markdown=True)},
        **_help_uri(known, manual),
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": ["security", "tdx", found.family],
            "precision": PRECISION[confidence],
            "problem.severity": PROBLEM[severity],
            "security-severity": DANGER[severity],
        },
    }


def _help_uri(rule: Rule | None, manual: str) -> dict[str, str]:
    if rule is None or not manual or not Path(rule.source).is_relative_to(bundled_folder()):
        return {}
    return {"helpUri": f"{manual.rstrip('/')}/{PAGE}#{rule.id}"}


def _help(found: Finding, known: Rule | None, *, markdown: bool = False) -> str:
    """Give the rule's text under headings; GitHub shows the Markdown where there is one."""
    parts = [("Why", found.why), ("What to do", found.fix)]
    if known:
        parts.append(("Accepted, and known false alarms", known.false_alarms))
    parts.append(("References", "\n\n".join(found.references)))
    blocks = []
    for heading, text in parts:
        paragraphs = [one_line(each) for each in text.split("\n\n") if each.strip()]
        if paragraphs and markdown:
            blocks += [f"**{heading}**", *map(escaped, paragraphs)]
        elif paragraphs:
            blocks += [f"{heading}:", *paragraphs]
    return "\n\n".join(blocks) or one_line(found.message)
