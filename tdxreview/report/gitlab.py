"""GitLab's Code Quality report: issues with a path, a line and a fingerprint of their own."""

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from tdxreview.report.spots import blamed, final_spot, missing_line, sentence
from tdxreview.report.view import View
from tdxreview.review.model import Review
from tdxreview.rules.model import Finding, Severity

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def gitlab(review: Review, _view: View) -> str:
    """Give the array of issues; lines count in the last state, which is what GitLab shows.

    No fingerprint has a line number in it, and no two are the same: equal ones are shown once.
    """
    issues: list[dict[str, Any]] = []
    taken: set[str] = set()
    for issue in (*_findings(review), *_missing(review)):
        mark = issue["fingerprint"]
        while mark in taken:
            mark = _digest(mark, issue["fingerprint"])
        taken.add(mark)
        issues.append(issue | {"fingerprint": mark})
    return json.dumps(issues, indent=2) + "\n"


def _findings(review: Review) -> Iterator[dict[str, Any]]:
    for index, finding in enumerate(review.findings):
        spot = final_spot(review, index)
        yield _issue(
            f"{sentence(finding)}{_of(review, finding)}",
            finding.rule,
            finding.fingerprint,
            SEVERITIES[finding.severity],
            path=spot.path if spot else _first_file(review, finding.patch),
            line=spot.line if spot else None,
        )


def _missing(review: Review) -> Iterator[dict[str, Any]]:
    for item in review.not_examined:
        said = missing_line(review, item)
        path = item.path or _first_file(review, item.patch)
        mark = _digest("not-examined", str(item.patch), item.path or "", item.reason)
        yield _issue(said, "not-examined", mark, "info", path=path, line=None)


def _issue(
    description: str, name: str, fingerprint: str, severity: str, *, path: str, line: int | None
) -> dict[str, Any]:
    return {
        "description": description,
        "check_name": name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line or 1}},
    }


def _of(review: Review, finding: Finding) -> str:
    patch = blamed(review, finding)
    return f" ({patch})" if patch else ""


def _first_file(review: Review, position: int | None) -> str:
    """Give a file for what is about no file: GitLab shows no issue without one."""
    rows = [row for row in review.patches if position in {None, row.position}]
    return next((path for row in rows for path in row.files), "MAINTAINERS")


def _digest(*words: str) -> str:
    joined = "\0".join(words).encode(errors="backslashreplace")
    return blake2b(joined, digest_size=16).hexdigest()
