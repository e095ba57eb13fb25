"""`tdxreview rules`: what we check for, one rule explained, and a user's own rules checked."""

from pathlib import Path
from typing import Annotated

import typer

from tdxreview.cli.options import format_option, output_option
from tdxreview.errors import ExitStatus
from tdxreview.report.formats import Result

app = typer.Typer(no_args_is_help=True, help="List, explain and check rules.")

RuleName = Annotated[
    str,
    typer.Argument(metavar="NAME", show_default=False, help="The name of a rule or a fact."),
]
OwnRules = Annotated[
    Path,
    typer.Argument(
        metavar="PATH", show_default=False, help="A folder with rules, or one rule file."
    ),
]
ListForm = Annotated[str | None, format_option(Result.RULES)]
ListOutput = Annotated[list[str] | None, output_option(Result.RULES)]
WordsForm = Annotated[str | None, format_option(Result.GLOSSARY)]
WordsOutput = Annotated[list[str] | None, output_option(Result.GLOSSARY)]
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
    """Explain a rule: why, what to do, what it flags and leaves alone. Or a fact that rules name.

    A fact is shown with what it says, its values, and the rules that ask for them.
    """
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.rules.fact_page import fact_names, fact_pages
    from tdxreview.rules.folders import bundled_folder
    from tdxreview.rules.loader import load_rules
    from tdxreview.rules.terminal_page import rule_named

    wanted = targets(Result.RULE, form, output)
    rules = load_rules(bundled_folder())
    pages = fact_pages(name, rules) if name not in rules.of_id else ()
    if pages:
        deliver(wanted, Result.FACT, pages)
    else:
        deliver(wanted, Result.RULE, rule_named(rules, name, fact_names()))


@app.command()
def glossary(*, form: WordsForm = None, output: WordsOutput = None) -> None:
    """Say what the words of reports and rules mean, and name every fact."""
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.rules.fact_page import fact_names

    deliver(targets(Result.GLOSSARY, form, output), Result.GLOSSARY, fact_names())


@app.command()
def check(path: OwnRules) -> None:
    """Run the examples of your own rules, and tell what they do not keep.

    Exit status: 0 all is kept, 1 something is not, 2 a rule does not load.
    """
    from functools import partial

    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.cli.output import emit
    from tdxreview.facts.collect import gather, gather_with_ways
    from tdxreview.review.blame import blame
    from tdxreview.review.example_mails import tell
    from tdxreview.rules.check import check as problems_of
    from tdxreview.rules.examples import Stages
    from tdxreview.rules.loader import load_rules

    knowledge, rules = load_knowledge(()), load_rules(path)
    gatherer = partial(gather_with_ways if rules.asks_ways else gather, abi=knowledge.abi)
    problems = problems_of(path, Stages(gatherer, partial(tell, knowledge=knowledge), blame))
    emit("".join(f"{problem}\n" for problem in problems))
    if problems:
        raise typer.Exit(ExitStatus.FINDINGS)
    count = len(rules.rules)
    emit(f"{count} rule{'s' * (count != 1)}: every example and every clause holds\n")
