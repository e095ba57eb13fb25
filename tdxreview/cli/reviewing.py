"""What `tdxreview review` does, whoever read its command line."""

from collections.abc import Sequence
from pathlib import Path

from tdxreview.cli.choices import FailOn


def reviewed(
    inputs: Sequence[str] | None = None,
    *,
    revision: int | None = None,
    tree: Path | None = None,
    base: str | None = None,
    onto: Sequence[Path] | None = None,
    rules: Sequence[Path] | None = None,
    form: str | None = None,
    output: Sequence[str] | None = None,
    fail_on: FailOn = FailOn.ERROR,
    notes: bool = False,
    statistics: bool = False,
    explain: bool = False,
    exit_zero: bool = False,
    allow_incomplete: bool = False,
) -> int:
    """Review a series, write it in the formats that are asked for, and give the exit status."""
    from tdxreview.cli import pipeline
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.verdict import exit_status
    from tdxreview.report.formats import Result

    wanted = targets(Result.REVIEW, form, output)
    result = pipeline.run_review(pipeline.request(inputs, revision, (tree, base), rules, onto))
    shown = {"notes": notes, "statistics": statistics, "explain": explain}
    deliver(wanted, Result.REVIEW, result, rules, **shown)
    return exit_status(result, fail_on, exit_zero=exit_zero, allow_incomplete=allow_incomplete)
