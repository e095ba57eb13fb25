"""reviewdog's rdjson: diagnostics with columns in bytes of UTF-8, the end exclusive."""

import json
from collections.abc import Iterator
from typing import Any

from tdxreview.report.plain import one_line
from tdxreview.report.spots import Spot, blamed, byte_column, final_spot, missing_line, sentence
from tdxreview.report.view import View
from tdxreview.review.model import Review
from tdxreview.rules.model import Finding, Severity

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def rdjson(review: Review, _view: View) -> str:
    """Give the document; places count in the last state, which is the one that is checked out."""
    document = {
        "source": {"name": "tdxreview"},
        "diagnostics": [*_findings(review), *_missing(review)],
    }
    return json.dumps(document, indent=2) + "\n"


def _findings(review: Review) -> Iterator[dict[str, Any]]:
    for index, finding in enumerate(review.findings):
        spot = final_spot(review, index)
        patch = blamed(review, finding)
        yield {
            "message": sentence(finding) + (f" ({patch})" if patch else ""),
            "severity": SEVERITIES[finding.severity],
            "code": {"value": finding.rule},
            **({"location": _location(spot)} if spot else {}),
            "relatedLocations": list(_related(finding)),
        }


def _location(spot: Spot) -> dict[str, Any]:
    if spot.line is None:
        return {"path": spot.path}
    start = {"line": spot.line, "column": byte_column(spot.text, spot.column)}
    end = {"line": spot.line, "column": byte_column(spot.text, spot.end_column)}
    return {"path": spot.path, "range": {"start": start, "end": end}}


def _related(finding: Finding) -> Iterator[dict[str, Any]]:
    """Give the steps of the trace that the last state still has."""
    for step, last in zip(finding.trace, finding.last_trace, strict=False):
        if last is not None:
            path, line = last
            place = {"path": path, "range": {"start": {"line": line}}}
            yield {"message": one_line(step.text), "location": place}


def _missing(review: Review) -> Iterator[dict[str, Any]]:
    for item in review.not_examined:
        said = missing_line(review, item)
        yield {
            "message": said,
            "severity": "INFO",
            "code": {"value": "not-examined"},
            **({"location": {"path": item.path}} if item.path else {}),
        }
