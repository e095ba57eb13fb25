"""SARIF 2.1.0 as GitHub's code scanning takes it in.

GitHub refuses a whole file for one result without a location, looks at the first location only,
shows a result in a pull request only where all its lines are in the diff, and tells a security
result by `security-severity` (GitHub docs, SARIF support for code scanning). So each result has
one line, of the last state; what is about no file stands among the notifications.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from tdxreview import __version__
from tdxreview.report.known import left_out_words, spent_words
from tdxreview.report.plain import one_line
from tdxreview.report.sarif_rules import LEVELS, rule_of
from tdxreview.report.sarif_spots import Hashes, location
from tdxreview.report.spots import Spot, blamed, final_spot, missing_line, sentence
from tdxreview.report.view import View
from tdxreview.review.model import Hidden, Review
from tdxreview.rules.model import Finding, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 25_000
"""Results that GitHub takes."""
MOST_STEPS = 1000
"""Steps of a result that GitHub shows."""


def sarif(review: Review, view: View) -> str:
    """Give the log: one run, its rules with their text, a result for each finding with a place."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(_whole(review), view)]}
    return json.dumps(log, indent=2) + "\n"


def _whole(review: Review) -> Review:
    """Give the review with what is hidden at the end: GitHub closes what is not in a log."""
    return replace(
        review,
        findings=(*review.findings, *(each.finding for each in review.hidden)),
        excerpts=(*review.excerpts, *(each.excerpt for each in review.hidden)),
    )


def _run(review: Review, view: View) -> dict[str, Any]:
    rules = sorted({each.rule for each in review.findings})
    order = sorted(enumerate(review.findings), key=lambda pair: pair[1].severity.rank)
    placed = [at for at, each in order if each.place][:MOST_RESULTS]
    hashes = Hashes(review)
    return {
        "tool": {
            "driver": {
                "name": "tdxreview",
                "semanticVersion": __version__,
                "rules": [rule_of(review, each, view.manual) for each in rules],
                **_knows(view),
            }
        },
        "automationDetails": {"id": "tdxreview/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    *_unplaced(review),
                    *_missing(review),
                    *_spent(review),
                ],
            }
        ],
        "results": [_result(review, index, rules, hashes) for index in placed],
    }


def _knows(view: View) -> dict[str, Any]:
    stamp = view.stamp
    if stamp is None:
        return {}
    return {
        "properties": {
            "tdxreview/rules": stamp.rules,
            "tdxreview/kernels": list(stamp.kernels),
            "tdxreview/modules": list(stamp.modules),
        }
    }


def _result(review: Review, index: int, rules: Sequence[str], hashes: Hashes) -> dict[str, Any]:
    finding, spot = review.findings[index], final_spot(review, index)
    if spot is None:
        raise ValueError(finding.rule)
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": LEVELS[finding.severity],
        "message": {"text": _message(review, finding, spot)},
        "locations": [location(spot)],
        "partialFingerprints": hashes.of(spot) | {"tdxreview/v1": finding.fingerprint},
        **_flows(finding, spot),
        **_suppressions(review, finding),
        "properties": {
            "tdxreview/origin": finding.origin.value,
            "tdxreview/confidence": finding.confidence.value,
            "tdxreview/patch": blamed(review, finding) or None,
            "tdxreview/function": finding.function or None,
            "tdxreview/remarks": list(finding.remarks),
        },
    }


def _message(review: Review, finding: Finding, spot: Spot) -> str:
    """Give the message; GitHub makes its first sentence the title."""
    patch = blamed(review, finding)
    told = [f"{sentence(finding)}."]
    if finding.side == "before" and finding.place:
        told.append(f"Line {finding.place.line} before {patch or 'the patch'} is meant.")
    elif spot.line is None and finding.place:
        state = f"after {patch}" if patch else "after the patch"
        told.append(f"Line {finding.place.line} {state} is meant, which is gone in the end.")
    elif patch:
        told.append(f"Brought by {patch}.")
    return " ".join(told)


def _flows(finding: Finding, spot: Spot) -> dict[str, Any]:
    """Give the trace as a flow of steps; a step that is gone in the end keeps to its file."""
    steps = []
    lasts = finding.last_trace or (None,) * len(finding.trace)
    for step, last in zip(finding.trace[-MOST_STEPS:], lasts[-MOST_STEPS:], strict=True):
        path, line = last or (step.path, None)
        at = Spot(path, line, 1, 2, "")
        steps.append({"location": location(at, step.text or sentence(finding))})
    if not steps:
        steps.append({"location": location(spot, sentence(finding))})
    return {"codeFlows": [{"threadFlows": [{"locations": steps}]}]}


def _suppressions(review: Review, finding: Finding) -> dict[str, Any]:
    """Say of what a user knows why it is hidden, and of what a later patch repairs that it is."""
    if known := _hidden(review, finding):
        told = known.reason + (f" (until {known.until})" if known.until else "")
        said = {"kind": "external", "status": "accepted", "justification": one_line(told)}
        return {"suppressions": [said]}
    if not finding.repaired_by:
        return {}
    reason = f"patch {finding.repaired_by} of the same series repairs it"
    return {"suppressions": [{"kind": "external", "status": "accepted", "justification": reason}]}


def _hidden(review: Review, finding: Finding) -> Hidden | None:
    return next((each for each in review.hidden if each.finding is finding), None)


def _unplaced(review: Review) -> Iterator[dict[str, Any]]:
    for finding in review.findings:
        if finding.place is None and not _hidden(review, finding):
            where = blamed(review, finding) or "the series"
            yield {
                "level": "note" if finding.severity is Severity.NOTE else "warning",
                "message": {"text": f"{where}: [{finding.rule}] {sentence(finding)}"},
                "associatedRule": {"id": finding.rule},
            }


def _spent(review: Review) -> Iterator[dict[str, Any]]:
    for words in (*left_out_words(review), *spent_words(review)):
        yield {"level": "note", "message": {"text": one_line(words)}}


def _missing(review: Review) -> Iterator[dict[str, Any]]:
    for item in review.not_examined:
        spot = {"locations": [location(Spot(item.path, None, 1, 2, ""))]} if item.path else {}
        said = missing_line(review, item)
        level = "note" if item.absent else "warning"
        yield {"level": level, "message": {"text": said}, **spot}
