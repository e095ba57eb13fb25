"""`tdxreview review`: findings of a series."""

from typing import TYPE_CHECKING, Annotated

import typer

from tdxreview.cli.choices import FailOn
from tdxreview.cli.options import (
    AllowIncomplete,
    BaseRevision,
    Inputs,
    Onto,
    Revision,
    Rules,
    Timeout,
    Tree,
    format_option,
    output_option,
)
from tdxreview.errors import ExitStatus
from tdxreview.report.formats import Result

if TYPE_CHECKING:
    from tdxreview.cli.post import Server
    from tdxreview.review.model import Review

Form = Annotated[str | None, format_option(Result.REVIEW)]
Output = Annotated[list[str] | None, output_option(Result.REVIEW)]
Fail = Annotated[FailOn, typer.Option(help="The least severity that makes the exit status 1.")]
ExitZero = Annotated[
    bool, typer.Option("--exit-zero", help="Exit with 0 whatever the review says.")
]
Notes = Annotated[bool, typer.Option("--notes", help="Show notes as well, not only their number.")]
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
    fail_on: Fail = FailOn.ERROR,
    notes: Notes = False,
    post: Post = None,
    statistics: Statistics = False,
    explain: Explain = False,
    exit_zero: ExitZero = False,
    allow_incomplete: AllowIncomplete = False,
    timeout: Timeout = None,  # noqa: ARG001  the timer runs by then
) -> None:
    """Review a series: which of its SEAMCALLs are unsafe, and why."""
    from tdxreview.cli import pipeline
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.verdict import exit_status

    wanted = targets(Result.REVIEW, form, output)
    receiver = _receiver(post) if post else None
    result = pipeline.run_review(pipeline.request(inputs, revision, (tree, base), rules, onto))
    shown = {"notes": notes, "statistics": statistics, "explain": explain}
    deliver(wanted, Result.REVIEW, result, rules, **shown)
    refused = _post(result, receiver) if receiver else 0
    status = exit_status(result, fail_on, exit_zero=exit_zero, allow_incomplete=allow_incomplete)
    raise typer.Exit(status or (ExitStatus.USAGE if refused else 0))


def _receiver(url: str) -> "tuple[Server, str]":
    """Return the server to post to and the token for it, before anything is reviewed."""
    from tdxreview.cli.post import server_of, token

    return server_of(url), token()


def _post(result: "Review", receiver: "tuple[Server, str]") -> int:
    """Post the checks; say which are not taken, and return how many."""
    from tdxreview.cli.output import complain
    from tdxreview.cli.post import post_checks
    from tdxreview.report.patchwork import patchwork
    from tdxreview.report.view import PLAIN

    problems = 0
    for answer in post_checks(patchwork(result, PLAIN), *receiver):
        if answer.problem:
            problems += 1
            complain(f"no check on {answer.subject!r}: {answer.problem}")
    return problems
