"""`tdxreview sites`: the inventory of SEAMCALL sites."""

import typer

from tdxreview.cli.choices import FailOn, Format
from tdxreview.cli.options import BaseRevision, Inputs, Output, Revision, Rules, Tree


def sites(
    inputs: Inputs = None,
    *,
    revision: Revision = None,
    tree: Tree = None,
    base: BaseRevision = None,
    rules: Rules = None,
    output: Output = Format.TEXT,
) -> None:
    """List every SEAMCALL site and what is known of it.

    That is: patch, place, function, wrapper, leaf, the states that hold there, what becomes of
    the status, and the verdict. Findings do not count for the exit status here.
    """
    from tdxreview.cli import pipeline
    from tdxreview.cli.output import emit, look
    from tdxreview.cli.verdict import exit_status

    result = pipeline.run_review(pipeline.request(inputs, revision, (tree, base), rules))
    if output is Format.JSON:
        from tdxreview.report.json_report import json_sites

        emit(json_sites(result))
    else:
        from tdxreview.report.sites import site_report

        seen = look()
        emit(site_report(result, width=seen.width, colour=seen.colour))
    raise typer.Exit(exit_status(result, FailOn.NEVER))
