"""Checks for patchwork: for each patch what `POST /api/1.3/patches/ID/checks/` takes.

Patchwork has no check of a series (models.py of 2026), so each patch has its own. Nothing is
posted here.
"""

import json
from typing import Any

from tdxreview.report.counts import said_counts
from tdxreview.report.plain import one_line
from tdxreview.report.view import View
from tdxreview.review.model import PatchRow, Review, is_gap
from tdxreview.rules.model import Finding, Severity

CONTEXT = "tdxreview"
LONGEST = 255
"""What lists of checks show of a description."""


def patchwork(review: Review, _view: View) -> str:
    """Give a JSON array with the check of each patch, in the order of the series.

    `msgid` is without its brackets, as `GET /api/patches/?msgid=` wants it; null where the input
    does not have it.
    """
    first = review.patches[0].position if review.patches else None
    return json.dumps([_entry(review, row, first) for row in review.patches], indent=2) + "\n"


def _entry(review: Review, row: PatchRow, first: int | None) -> dict[str, Any]:
    own = [
        each
        for each in review.findings
        if each.patch == row.position or (each.patch is None and row.position == first)
    ]
    msgid = row.message_id.strip("<>") if row.message_id else None
    check = {"state": _state(review, row, own), "context": CONTEXT, "description": _said(own)}
    return {"msgid": msgid, "subject": row.subject, "check": check}


def _state(review: Review, row: PatchRow, own: list[Finding]) -> str:
    found = {each.severity for each in own}
    if Severity.ERROR in found:
        return "fail"
    return "warning" if Severity.WARNING in found or _is_lost(review, row) else "success"


def _is_lost(review: Review, row: PatchRow) -> bool:
    """Tell whether code of the patch was not examined."""
    return any(item.patch == row.position and is_gap(item) for item in review.not_examined)


def _said(own: list[Finding]) -> str:
    worst = min(own, key=lambda each: each.severity.rank, default=None)
    if worst is None:
        return "nothing found"
    first = f"[{worst.rule}] {one_line(worst.message)}"
    said = first if len(own) == 1 else f"{said_counts(own)}: {first}"
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
