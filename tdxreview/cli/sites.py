"""`tdxreview sites`: the inventory of SEAMCALL sites."""

from typing import Annotated

import typer

from tdxreview.cli.choices import FailOn
from tdxreview.cli.options import (
    BaseRevision,
    Inputs,
    Revision,
    Rules,
    Tree,
    format_option,
    output_option,
)
from tdxreview.report.formats import Result

Form = Annotated[str | None, format_option(Result.SITES)]
Output = Annotated[list[str] | None, output_option(Result.SITES)]


def sites(
    inputs: Inputs = None,
    *,
    revision: Revision = None,
    tree: Tree = None,
    base: BaseRevision = None,
    rules: Rules = None,
    form: Form = None,
    output: Output = None,
) -> None:
    """List every SEAMCALL site and what is known of it.

    That is: patch, place, function, wrapper, leaf, the states that hold there, what becomes of
    the status, and the verdict. Findings do not count for the exit status here.
    """
    from tdxreview.cli import pipeline
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.verdict import exit_status

    wanted = targets(Result.SITES, form, output)
    result = pipeline.run_review(pipeline.request(inputs, revision, (tree, base), rules))
    deliver(wanted, Result.SITES, result, rules)
    raise typer.Exit(exit_status(result, FailOn.NEVER))
