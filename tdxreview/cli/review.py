"""`tdxreview review`: findings of a series."""

from typing import Annotated

import typer

from tdxreview.cli.choices import FailOn, Format
from tdxreview.cli.options import BaseRevision, Inputs, Output, Revision, Rules, Tree

Fail = Annotated[FailOn, typer.Option(help="The least severity that makes the exit status 1.")]
ExitZero = Annotated[
    bool, typer.Option("--exit-zero", help="Exit with 0 whatever the review says.")
]
Notes = Annotated[bool, typer.Option("--notes", help="Show notes as well, not only their number.")]


def review(
    inputs: Inputs = None,
    *,
    revision: Revision = None,
    tree: Tree = None,
    base: BaseRevision = None,
    rules: Rules = None,
    output: Output = Format.TEXT,
    fail_on: Fail = FailOn.ERROR,
    notes: Notes = False,
    exit_zero: ExitZero = False,
) -> None:
    """Review a series: which of its SEAMCALLs are unsafe, and why."""
    from tdxreview.cli import pipeline
    from tdxreview.cli.output import emit, look
    from tdxreview.cli.verdict import exit_status

    result = pipeline.run_review(pipeline.request(inputs, revision, (tree, base), rules))
    if output is Format.JSON:
        from tdxreview.report.json_report import json_report

        emit(json_report(result))
    else:
        from tdxreview.report.terminal import terminal_report

        seen = look()
        emit(terminal_report(result, width=seen.width, colour=seen.colour, notes=notes))
    raise typer.Exit(exit_status(result, fail_on, exit_zero=exit_zero))
