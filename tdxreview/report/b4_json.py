"""The check protocol of `b4 review`: a JSON array of results, one for the message (b4 0.16)."""

import json

from tdxreview.report.concise import concise_lines
from tdxreview.report.counts import said_counts, verdict_counts
from tdxreview.report.view import View
from tdxreview.review.model import Review
from tdxreview.rules.model import Severity

TOOL = "tdxreview"


def b4_json(review: Review, _view: View) -> str:
    """Give one result, or an empty array where there is nothing to say.

    One only: two results of a tool for a message overwrite each other in b4's cache.
    """
    if not (review.findings or review.sites or review.incomplete):
        return "[]\n"
    result = {
        "tool": TOOL,
        "status": status_of(review),
        "summary": f"{said_counts(review.findings)}; {verdict_counts(review.sites)}",
        "details": "\n".join(concise_lines(review)),
    }
    return json.dumps([result], indent=2) + "\n"


def status_of(review: Review) -> str:
    """Give `fail` for an error, `warn` for a warning or code that was not examined, or `pass`."""
    if review.count(Severity.ERROR):
        return "fail"
    return "warn" if review.count(Severity.WARNING) or review.incomplete else "pass"
