"""A proof as text and as JSON: function by outcome, what was expected and what came out."""

import json
from collections.abc import Iterator
from itertools import groupby

import msgspec

from tdxreview.asm.prove.proof import Check, Proof
from tdxreview.report.json_series import tool_of
from tdxreview.report.lines import DIM, line, to_string
from tdxreview.report.plain import plain
from tdxreview.report.row import Row
from tdxreview.report.view import PLAIN, View

_OUTCOME_WIDTH = 15
_STATUS_WIDTH = 20
_MOST_STEPS = 40
FENCES = {
    "bwrap": "namespaces of its own (bwrap) and limits",
    "unshare": "namespaces of its own (unshare) and limits",
    "limits": "limits only: neither bwrap nor unshare works here",
}
"""What was around the assembler, in words."""


def prove_report(proof: Proof, view: View) -> str:
    """Give the table, with the instructions run below each check that does not hold."""
    return to_string(_lines(proof), width=view.width, colour=view.colour)


def _lines(proof: Proof) -> Iterator[Row]:
    for (path, function), checks in groupby(proof.checks, lambda c: (c.path, c.function)):
        yield line((plain(function), "bold"), ("  " + plain(path), DIM))
        for check in checks:
            yield from _check(check)
        yield Row()
    for item in proof.not_proven:
        where = f"{plain(item.path)}: " if item.path else ""
        yield line(("not proven  ", "yellow"), where, plain(item.reason))
    if proof.fence:
        yield line((f"The assembler ran within {FENCES[proof.fence]}.", DIM))
    yield line(_sum(proof))


def _check(check: Check) -> Iterator[Row]:
    mark = ("ok    ", "green") if check.holds else ("WRONG ", "bold red")
    outcome = check.outcome.ljust(_OUTCOME_WIDTH)
    expected = check.expected.ljust(_STATUS_WIDTH)
    yield line("  ", mark, outcome, expected, plain(check.got))
    if check.holds:
        return
    for step in check.steps[-_MOST_STEPS:]:
        yield line(" " * 10, (plain(step), DIM))


def _sum(proof: Proof) -> str:
    wrong = sum(not check.holds for check in proof.checks)
    ran = f"{len(proof.checks)} ways out run, {wrong} wrong"
    return f"{ran}." if not proof.not_proven else f"{ran}; {len(proof.not_proven)} not proven."


def json_prove(proof: Proof, view: View = PLAIN) -> str:
    """Give the document `tdxreview.prove/1`."""
    document = {
        "schema": "tdxreview.prove/1",
        "tool": msgspec.to_builtins(tool_of(view)),
        "checks": [
            {
                "path": check.path,
                "function": check.function,
                "outcome": check.outcome,
                "expected": check.expected,
                "got": check.got,
                "holds": check.holds,
                "steps": list(check.steps),
            }
            for check in proof.checks
        ],
        "not_proven": [
            {"patch": item.patch, "path": item.path, "reason": item.reason}
            for item in proof.not_proven
        ],
        "fence": proof.fence or None,
        "summary": {
            "run": len(proof.checks),
            "wrong": sum(not check.holds for check in proof.checks),
        },
    }
    return json.dumps(document, indent=2) + "\n"
