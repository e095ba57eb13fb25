"""What a report leaves to be known: the rest of a rule's text, and the words that it uses."""

from collections.abc import Iterator, Sequence

from tdxreview.report.grouping import Group
from tdxreview.report.lines import DIM, INDENT, PROSE_WIDTH, flow, labelled
from tdxreview.report.row import Row
from tdxreview.report.view import View
from tdxreview.report.words import explained
from tdxreview.review.model import Review, Verdict
from tdxreview.rules.model import Confidence, Origin

ALWAYS = ("caller's duty",)
"""Words that are explained wherever they stand in a table of sites."""


def rule_lines(review: Review, name: str, width: int) -> Iterator[Row]:
    """Give what a rule says beside why and fix: what it accepts, and where it is from."""
    for rule in review.rules:
        if rule.id == name:
            yield from labelled("false", rule.false_alarms, width)
            yield from labelled("source", "\n\n".join(rule.references), width, DIM)


def word_lines(review: Review, groups: Sequence[Group], view: View) -> Iterator[Row]:
    """Explain the words that the report uses; without `explain` those that nobody knows."""
    found = [review.findings[at] for group in groups for at in group.indices]
    verdicts = {row.verdict for row in review.sites}
    used = {
        "ok": Verdict.OK in verdicts,
        "caller's duty": Verdict.CALLER in verdicts,
        "unknown": Verdict.UNKNOWN in verdicts,
        "violated": Verdict.VIOLATED in verdicts,
        "affected": any(each.origin is Origin.AFFECTED for each in found),
        "older": bool(review.hidden_existing),
        "medium confidence": any(each.confidence is Confidence.MEDIUM for each in found),
        "low confidence": any(each.confidence is Confidence.LOW for each in found),
    }
    if not view.explain:
        used = {word: used[word] for word in ALWAYS}
    for word, meaning in explained(used):
        pieces = [(word, "bold"), (meaning, "")]
        yield from flow(pieces, width=min(view.width, PROSE_WIDTH), indent=INDENT)
