"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tdxreview.cli.completion import rules_and_families
from tdxreview.cli.deadline import end_after
from tdxreview.report.formats import Result, names_for

Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT",
        show_default=False,
        help="An mbox (also .gz), a maildir, .patch or .eml files, a directory of them, web-archive"
        " text, a bare diff, - for standard input, or a git range such as base..HEAD.",
    ),
]
Revision = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        show_default=False,
        help="Take revision N (v2 is 2) instead of the newest complete one.",
    ),
]
Tree = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        show_default=False,
        help="The kernel tree to put the series on, a git repository or a plain directory; a git"
        " range is read from it. Never changed.",
    ),
]
BaseRevision = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="REV",
        show_default=False,
        help="The commit of --tree that the series applies to; found by itself otherwise.",
    ),
]
Rules = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR",
        show_default=False,
        help="Use the rules of this folder as well; may be given again.",
    ),
]
Onto = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        help="A series that comes before this one, in any form that INPUT has: context, and not"
        " under review; may be given again, in order.",
    ),
]
AllowIncomplete = Annotated[
    bool,
    typer.Option(
        "--allow-incomplete", help="Exit with 0, not 4, where something was not examined."
    ),
]
Config = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        help="Read these settings as well (TOML; of a pyproject.toml the table tool.tdxreview);"
        " may be given again. No file of a reviewed tree is read by itself.",
    ),
]
NoConfig = Annotated[
    bool,
    typer.Option(
        "--no-config",
        help="Leave out the user's file, git's configuration and the environment's settings.",
    ),
]
TrustBase = Annotated[
    bool,
    typer.Option(
        "--trust-base",
        help="Heed .tdxreview.toml, pyproject.toml and tdx-rules/ as they stand at the base of the"
        " range, or at --base; never as the patches leave them.",
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULE",
        show_default=False,
        help="Judge by this rule or family only; may be given again.",
        autocompletion=rules_and_families,
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULE",
        show_default=False,
        help="Leave this rule or family out; may be given again.",
        autocompletion=rules_and_families,
    ),
]
SeverityOf = Annotated[
    list[str] | None,
    typer.Option(
        "--severity",
        metavar="RULE=LEVEL",
        show_default=False,
        help="Give a rule or family another severity: error, warning or note.",
        autocompletion=lambda: [f"{name}=" for name in rules_and_families()],
    ),
]
IgnoreIn = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore-in",
        metavar="PATH=RULE",
        show_default=False,
        help="Hide what a rule or family finds below a path or pattern, and count it.",
    ),
]
Suppressions = Annotated[
    list[Path] | None,
    typer.Option(
        "--suppressions",
        metavar="FILE",
        show_default=False,
        help="Hide and count the findings that this file accepts; may be given again.",
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|REV",
        show_default=False,
        help="Hide and count what stands in an earlier report of --format json, or in the tree at"
        " a revision.",
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        show_default=False,
        callback=end_after,
        help="Stop after so long, with exit status 4 and no report.",
    ),
]


def format_option(result: Result) -> Any:
    """Give the declaration of `--format` for what a command comes to."""
    names = names_for(result)
    return typer.Option(
        "--format",
        metavar="NAME",
        show_default=False,
        help=f"How stdout is written: {', '.join(names)}.",
        autocompletion=lambda: list(names),
    )


def output_option(result: Result) -> Any:
    """Give the declaration of `--output` for what a command comes to."""
    names = names_for(result)
    return typer.Option(
        "--output",
        metavar="NAME=FILE",
        show_default=False,
        help="Write a format to a file as well, - for stdout; may be given again.",
        autocompletion=lambda: [f"{name}=" for name in names],
    )
