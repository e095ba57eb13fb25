"""`tdxreview rules`: what we check for, one rule explained, and a user's own rules checked."""

from pathlib import Path
from typing import Annotated

import typer

from tdxreview.cli.options import format_option, output_option
from tdxreview.errors import ExitStatus
from tdxreview.report.formats import Result

app = typer.Typer(no_args_is_help=True, help="List, explain and check rules.")

RuleName = Annotated[str, typer.Argument(metavar="ID", show_default=False, help="A rule's name.")]
OwnRules = Annotated[
    Path,
    typer.Argument(
        metavar="PATH", show_default=False, help="A folder with rules, or one rule file."
    ),
]
ListForm = Annotated[str | None, format_option(Result.RULES)]
ListOutput = Annotated[list[str] | None, output_option(Result.RULES)]
ShowForm = Annotated[str | None, format_option(Result.RULE)]
ShowOutput = Annotated[list[str] | None, output_option(Result.RULE)]


@app.command("list")
def list_rules(*, form: ListForm = None, output: ListOutput = None) -> None:
    """List the rules that come with tdxreview: name, severity, what is wrong."""
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.rules.folders import bundled_folder
    from tdxreview.rules.loader import load_rules

    wanted = targets(Result.RULES, form, output)
    deliver(wanted, Result.RULES, load_rules(bundled_folder()))


@app.command()
def show(name: RuleName, *, form: ShowForm = None, output: ShowOutput = None) -> None:
    """Explain one rule: why, what to do, and what it flags and leaves alone."""
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.rules.folders import bundled_folder
    from tdxreview.rules.loader import load_rules
    from tdxreview.rules.terminal_page import rule_named

    wanted = targets(Result.RULE, form, output)
    deliver(wanted, Result.RULE, rule_named(load_rules(bundled_folder()), name))


@app.command()
def check(path: OwnRules) -> None:
    """Run the examples of your own rules, and tell what they do not keep.

    Exit status: 0 all is kept, 1 something is not, 2 a rule does not load.
    """
    from functools import partial

    from tdxreview.cli.output import emit
    from tdxreview.facts.collect import gather
    from tdxreview.kernel.abi_loader import load_abi
    from tdxreview.review.example_mails import tell
    from tdxreview.rules.check import check as problems_of
    from tdxreview.rules.folders import bundled_folder
    from tdxreview.rules.loader import load_rules

    abi, ours = load_abi(bundled_folder()), load_rules(bundled_folder())
    problems = problems_of(path, partial(gather, abi=abi), partial(tell, rules=ours, abi=abi))
    emit("".join(f"{problem}\n" for problem in problems))
    if problems:
        raise typer.Exit(ExitStatus.FINDINGS)
    count = len(load_rules(path).rules)
    emit(f"{count} rule{'s' * (count != 1)}: every example and every clause holds\n")
