"""`tdxreview review`: findings of a series."""

from typing import Annotated

import typer

from tdxreview.cli import reviewing
from tdxreview.cli.choices import FailOn
from tdxreview.cli.options import (
    AllowIncomplete,
    Baseline,
    BaseRevision,
    Config,
    Ignore,
    IgnoreIn,
    Inputs,
    NoConfig,
    Onto,
    Revision,
    Rules,
    Select,
    SeverityOf,
    Suppressions,
    Timeout,
    Tree,
    TrustBase,
    format_option,
    output_option,
)
from tdxreview.report.formats import Result

Form = Annotated[str | None, format_option(Result.REVIEW)]
Output = Annotated[list[str] | None, output_option(Result.REVIEW)]
Fail = Annotated[
    FailOn | None,
    typer.Option(show_default="error", help="The least severity that makes the exit status 1."),
]
ExitZero = Annotated[
    bool, typer.Option("--exit-zero", help="Exit with 0 whatever the review says.")
]
Notes = Annotated[
    bool | None,
    typer.Option(
        "--notes/--no-notes", show_default=False, help="Show notes as well, not only their number."
    ),
]
Statistics = Annotated[
    bool, typer.Option("--statistics", help="Count findings by rule and by patch, in text.")
]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain",
        help="Show each finding by itself with its path, all of its rule's text, and what the words"
        " of the report mean.",
    ),
]


Post = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        show_default=False,
        help="Post a check for each patch to a patchwork server (https://HOST/project/NAME/), with"
        " the token in $PATCHWORK_TOKEN. Nothing else is ever sent anywhere.",
    ),
]


Jobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        show_default=False,
        help="Judge a long series by N processes, as many as there are CPUs unless you say so; the"
        " answer is the same.",
    ),
]


def review(
    inputs: Inputs = None,
    *,
    revision: Revision = None,
    tree: Tree = None,
    base: BaseRevision = None,
    onto: Onto = None,
    rules: Rules = None,
    form: Form = None,
    output: Output = None,
    fail_on: Fail = None,
    jobs: Jobs = None,
    notes: Notes = None,
    post: Post = None,
    statistics: Statistics = False,
    explain: Explain = False,
    exit_zero: ExitZero = False,
    allow_incomplete: AllowIncomplete = False,
    config: Config = None,
    no_config: NoConfig = False,
    trust_base: TrustBase = False,
    select: Select = None,
    ignore: Ignore = None,
    severity: SeverityOf = None,
    ignore_in: IgnoreIn = None,
    suppressions: Suppressions = None,
    baseline: Baseline = None,
    timeout: Timeout = None,  # noqa: ARG001  the timer runs by then
) -> None:
    """Review a series: which of its SEAMCALLs are unsafe, and why."""
    status = reviewing.reviewed(
        inputs,
        revision=revision,
        tree=tree,
        base=base,
        onto=onto,
        rules=rules,
        form=form,
        output=output,
        fail_on=fail_on,
        jobs=jobs,
        notes=notes,
        post=post,
        statistics=statistics,
        explain=explain,
        exit_zero=exit_zero,
        allow_incomplete=allow_incomplete,
        config=config,
        no_config=no_config,
        trust_base=trust_base,
        select=select,
        ignore=ignore,
        severity=severity,
        ignore_in=ignore_in,
        suppressions=suppressions,
        baseline=baseline,
    )
    raise typer.Exit(status)
