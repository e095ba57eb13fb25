"""`tdxreview rules`: what we check for, one rule explained, and a user's own rules checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdxreview.cli.completion import fact_words, rule_ids, rules_and_facts
from tdxreview.cli.options import Rules, format_option, output_option
from tdxreview.errors import ExitStatus, UsageError
from tdxreview.report.formats import Result

if TYPE_CHECKING:
    from tdxreview.rules.examples import Stages
    from tdxreview.rules.model import RuleSet

app = typer.Typer(no_args_is_help=True, help="List, explain and check rules.")

RuleName = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        show_default=False,
        help="The name of a rule or a fact.",
        autocompletion=rules_and_facts,
    ),
]
Word = Annotated[
    str,
    typer.Argument(
        metavar="WORD",
        show_default=False,
        help="Only what has this in its name, its values or its text.",
        autocompletion=fact_words,
    ),
]
NewName = Annotated[
    str, typer.Argument(metavar="ID", show_default=False, help="The id: FAMILY-WHAT-IS-WRONG.")
]
Folder = Annotated[
    Path, typer.Option("--dir", metavar="DIR", help="The folder of your own that it goes into.")
]
Tested = Annotated[
    Path | None,
    typer.Argument(
        metavar="PATH", show_default=False, help="A folder with rules, or one file; ours if none."
    ),
]
Pattern = Annotated[
    str,
    typer.Option(
        "-k",
        metavar="PATTERN",
        show_default=False,
        help="Only examples with this in `RULE/EXAMPLE`, or of this pattern with `*`.",
        autocompletion=rule_ids,
    ),
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
FactsForm = Annotated[str | None, format_option(Result.VOCABULARY)]
FactsOutput = Annotated[list[str] | None, output_option(Result.VOCABULARY)]


@app.command("list")
def list_rules(*, rules: Rules = None, form: ListForm = None, output: ListOutput = None) -> None:
    """List the rules that come with tdxreview, and your own: name, severity, what is wrong."""
    from tdxreview.cli.deliver import deliver, targets

    wanted = targets(Result.RULES, form, output)
    deliver(wanted, Result.RULES, _all_rules(rules), rules)


def _all_rules(own: list[Path] | None) -> "RuleSet":
    """Give our rules and those of a user's folders, with their examples."""
    from tdxreview.rules.folders import bundled_folder
    from tdxreview.rules.loader import load_rule_sets

    return load_rule_sets([bundled_folder(), *(own or ())])


@app.command()
def show(
    name: RuleName, *, rules: Rules = None, form: ShowForm = None, output: ShowOutput = None
) -> None:
    """Explain a rule: why, what to do, what it flags and leaves alone. Or a fact that rules name.

    A fact is shown with what it says, its values, and the rules that ask for them.
    """
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.rules.fact_page import fact_names, fact_pages
    from tdxreview.rules.terminal_page import rule_named

    wanted = targets(Result.RULE, form, output)
    known = _all_rules(rules)
    pages = fact_pages(name, known) if name not in known.of_id else ()
    if not pages and name not in known.of_id and name in fact_words():
        raise UsageError(f"`{name}` is a word of rules; `tdxreview rules facts {name}` explains it")
    if pages:
        deliver(wanted, Result.FACT, pages, rules)
    else:
        deliver(wanted, Result.RULE, rule_named(known, name, fact_names()), rules)


@app.command("facts")
def list_facts(
    word: Word = "",
    *,
    rules: Rules = None,
    form: FactsForm = None,
    output: FactsOutput = None,
) -> None:
    """Say what rules can ask for: every kind, fact, value and name, with an example."""
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.rules.vocabulary_page import vocabulary

    wanted = targets(Result.VOCABULARY, form, output)
    abi = load_knowledge(tuple(rules or ())).abi
    deliver(wanted, Result.VOCABULARY, vocabulary(_all_rules(rules), abi, word), rules)


@app.command()
def new(name: NewName, *, folder: Folder = Path("tdx-rules")) -> None:
    """Write a first rule of your own, to be changed: it holds but for the blanks (`___`) in it."""
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.cli.output import emit
    from tdxreview.rules.new_rule import write_rule

    known = frozenset(load_knowledge(()).rules.of_id)
    path = write_rule(name, folder, known)
    emit(f"{path}: fill in what stands as ___, then: tdxreview rules check {folder}\n")


@app.command("test")
def try_rules(path: Tested = None, *, pattern: Pattern = "") -> None:
    """Run the examples of rules one by one, ours or your own, and tell of each.

    Exit status: 0 all is as it says, 1 something is not, 2 a rule does not load, or no example
    is of that pattern.
    """
    from tdxreview.cli.output import emit
    from tdxreview.rules.check import tried
    from tdxreview.rules.folders import bundled_folder
    from tdxreview.rules.loader import load_rules

    rules = load_rules(path or bundled_folder())
    results = tuple(tried(rules, _stages(rules, (path,) if path else ()), pattern))
    if not results:
        raise UsageError(f"no example is called like `{pattern}`; `rules list` names the rules")
    wrong = 0
    for each in results:
        wrong += bool(each.problems)
        emit(f"{'wrong' if each.problems else 'ok   '}  {each.rule}/{each.example}\n")
        emit("".join(f"       {problem}\n" for problem in each.problems))
    emit(f"{len(results)} example{'s' * (len(results) != 1)}, {wrong} wrong\n")
    if wrong:
        raise typer.Exit(ExitStatus.FINDINGS)


def _stages(rules: "RuleSet", own: tuple[Path, ...]) -> "Stages":
    from functools import partial

    from tdxreview.cli.configuration import with_house
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.config.model import NO_SETTINGS
    from tdxreview.facts.collect import gather_with_ways
    from tdxreview.review.blame import blame
    from tdxreview.review.example_mails import tell
    from tdxreview.rules.examples import Stages

    knowledge = load_knowledge(own, with_house(NO_SETTINGS, own))
    gatherer = partial(gather_with_ways, abi=knowledge.abi, wanted=rules.wanted)
    return Stages(gatherer, partial(tell, knowledge=knowledge), blame)


@app.command()
def glossary(*, form: WordsForm = None, output: WordsOutput = None) -> None:
    """Say what the words of reports and rules mean, and name every fact."""
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.rules.fact_page import fact_names

    deliver(targets(Result.GLOSSARY, form, output), Result.GLOSSARY, fact_names())


def _unasked(state: str) -> str:
    return (
        f"something needs `{state}`, and no rule asks for it; add one about life-step"
        f" with `needs: {state}`"
    )


@app.command()
def check(path: OwnRules) -> None:
    """Run the examples of your own rules, and tell what they do not keep.

    Exit status: 0 all is kept, 1 something is not, 2 a rule does not load.
    """
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.cli.output import emit
    from tdxreview.rules.check import check_rule
    from tdxreview.rules.known_words import unasked
    from tdxreview.rules.loader import load_rules

    rules = load_rules(path)
    stages = _stages(rules, (path,))
    told = (each for rule in rules.rules for each in check_rule(rule, rules, stages))
    knowledge = load_knowledge((path,))
    problems = [*map(str, told), *map(_unasked, unasked(knowledge.rules, knowledge.abi))]
    emit("".join(f"{problem}\n" for problem in problems))
    if problems:
        raise typer.Exit(ExitStatus.FINDINGS)
    count = len(rules.rules)
    emit(f"{count} rule{'s' * (count != 1)}: every example and every clause holds\n")
