"""`tdxreview facts`: what the analysis believes, and why a rule fired or not."""

from typing import Annotated

import typer
from msgspec.structs import replace

from tdxreview.cli.completion import rule_ids
from tdxreview.cli.options import (
    BaseRevision,
    Revision,
    Rules,
    Tree,
    format_option,
    output_option,
)
from tdxreview.errors import ExitStatus
from tdxreview.report.formats import Result

Given = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE|INPUT",
        show_default=False,
        help="C or assembly files, or patches in any form that review takes.",
    ),
]
Form = Annotated[str | None, format_option(Result.FACTS)]
Output = Annotated[list[str] | None, output_option(Result.FACTS)]
RuleName = Annotated[
    str | None,
    typer.Option(
        "--rule",
        metavar="ID",
        show_default=False,
        autocompletion=rule_ids,
        help="Say of this rule which clause failed on which fact.",
    ),
]


def facts(
    inputs: Given = None,
    *,
    rule: RuleName = None,
    revision: Revision = None,
    tree: Tree = None,
    base: BaseRevision = None,
    rules: Rules = None,
    form: Form = None,
    output: Output = None,
) -> None:
    """Print what the analysis believes of each site, use, routine, definition and so on.

    That is: every fact with its value and the steps that led to it, and the rules that match.
    A file in a kernel tree is read with the host code around it, a series in its last state.
    Findings do not count for the exit status here.
    """
    from tdxreview.cli.code import read_code
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.cli.pipeline import request
    from tdxreview.facts.collect import add_ways, gather, relevant
    from tdxreview.report.fact_sheet import fact_sheet
    from tdxreview.rules.terminal_page import rule_named

    wanted = targets(Result.FACTS, form, output)
    code = read_code(request(inputs, revision, (tree, base), rules))
    knowledge = load_knowledge(tuple(rules or ()))
    asked = rule_named(knowledge.rules, rule) if rule is not None else None
    images = [image for image in code.images.values() if relevant(image)]
    gathered = gather(images, knowledge.abi, code.asked)
    if costly := knowledge.rules.wanted:
        gathered = add_ways(gathered, images, knowledge.abi, code.asked, costly)
    missing = (*gathered.not_examined, *code.not_examined)
    gathered = replace(gathered, not_examined=missing)
    sheet = fact_sheet(gathered, code.images, knowledge.rules, rule=asked, taken_for=code.taken_for)
    deliver(wanted, Result.FACTS, sheet, rules)
    raise typer.Exit(ExitStatus.INCOMPLETE if sheet.not_examined else ExitStatus.CLEAN)
