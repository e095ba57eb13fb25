"""`tdxreview scan`: a whole tree, without a patch."""

from pathlib import Path
from typing import Annotated

import typer

from tdxreview.cli.options import (
    AllowIncomplete,
    Baseline,
    Config,
    Ignore,
    IgnoreIn,
    NoConfig,
    Rules,
    Select,
    SeverityOf,
    Suppressions,
    Timeout,
    format_option,
    output_option,
)
from tdxreview.cli.review import ExitZero, Explain, Fail, Notes, Statistics
from tdxreview.report.formats import Result

Top = Annotated[
    Path,
    typer.Argument(metavar="TREE", help="A kernel tree, a git repository or a plain directory."),
]
Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        show_default=False,
        help="Report on these files and directories of the tree only, wherever they are in it.",
    ),
]
Form = Annotated[str | None, format_option(Result.SCAN)]
Output = Annotated[list[str] | None, output_option(Result.SCAN)]
Rev = Annotated[
    str | None,
    typer.Option("--rev", metavar="REV", show_default=False, help="The commit to scan, not HEAD."),
]


def scan(
    tree: Top,
    paths: Paths = None,
    *,
    rev: Rev = None,
    rules: Rules = None,
    form: Form = None,
    output: Output = None,
    fail_on: Fail = None,
    notes: Notes = None,
    statistics: Statistics = False,
    explain: Explain = False,
    exit_zero: ExitZero = False,
    allow_incomplete: AllowIncomplete = False,
    config: Config = None,
    no_config: NoConfig = False,
    select: Select = None,
    ignore: Ignore = None,
    severity: SeverityOf = None,
    ignore_in: IgnoreIn = None,
    suppressions: Suppressions = None,
    baseline: Baseline = None,
    timeout: Timeout = None,  # noqa: ARG001  the timer runs by then
) -> None:
    """Judge every SEAMCALL of a kernel tree as it stands, without a patch."""
    from msgspec.structs import replace

    from tdxreview.cli.configuration import (
        asked,
        configured,
        fails_on,
        folders,
        shows_notes,
        usual_format,
        with_house,
    )
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.hiding import tell_hidden, without_known
    from tdxreview.cli.inside import below
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.cli.verdict import exit_status
    from tdxreview.review.scan import scan as scan_tree
    from tdxreview.source.ground import standing

    settings = configured(
        asked(select, ignore, severity, ignore_in, suppressions=suppressions, baseline=baseline),
        config,
        own=not no_config,
    )
    wanted = targets(Result.SCAN, form or usual_format(settings, Result.SCAN), output)
    rules = [*folders(settings), *(rules or ())]
    settings = with_house(settings, rules)
    base = standing(tree, rev)
    knowledge = load_knowledge(tuple(rules), settings)
    result = scan_tree(base.tree, knowledge, below(tree, paths or ()), why=base.why)
    result = replace(result, rules_left_out=knowledge.rules.left_out)
    result = without_known(result, settings, knowledge, tree)
    shown = {
        "notes": shows_notes(settings, notes=notes),
        "statistics": statistics,
        "explain": explain,
        "manual": settings.manual.text if settings.manual else "",
    }
    deliver(wanted, Result.SCAN, result, rules, **shown)
    tell_hidden(result, (target.name for target in wanted))
    level = fails_on(settings, fail_on)
    status = exit_status(result, level, exit_zero=exit_zero, allow_incomplete=allow_incomplete)
    raise typer.Exit(status)
