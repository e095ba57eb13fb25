"""`tdxreview why`: one line of a tree, and what holds there."""

from pathlib import Path
from typing import Annotated

import typer

from tdxreview.cli.options import Rules, Tree, format_option, output_option
from tdxreview.errors import ExitStatus, UsageError
from tdxreview.report.formats import Result
from tdxreview.source.tree import Tree as SourceTree

Spot = Annotated[
    str,
    typer.Argument(
        metavar="FILE:LINE",
        show_default=False,
        help="A line of a C or assembly file, by its path in the tree or on disk.",
    ),
]
Form = Annotated[str | None, format_option(Result.WHY)]
Output = Annotated[list[str] | None, output_option(Result.WHY)]
Rev = Annotated[
    str | None,
    typer.Option(
        "--rev",
        metavar="REV",
        show_default=False,
        help="Read this commit of the tree, not the files as they stand.",
    ),
]
LONGEST_NUMBER = 9


def why(
    spot: Spot,
    *,
    tree: Tree = None,
    rev: Rev = None,
    rules: Rules = None,
    form: Form = None,
    output: Output = None,
) -> None:
    """Say of the SEAMCALL on a line which states hold there, and which paths give them.

    The tree is the one around FILE, or the current directory, unless --tree names it. What is
    said is what scan says of the site. Findings do not count for the exit status here.
    """
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.knowledge import load_knowledge
    from tdxreview.review.why import why as why_at

    wanted = targets(Result.WHY, form, output)
    file, line = _place(spot)
    top, path = _found(file, tree)
    answer = why_at(_tree(top, rev), load_knowledge(tuple(rules or ())), path, line)
    deliver(wanted, Result.WHY, answer, rules)
    raise typer.Exit(ExitStatus.INCOMPLETE if answer.not_examined else ExitStatus.CLEAN)


def _place(spot: str) -> tuple[str, int]:
    file, _, number = spot.rpartition(":")
    counts = number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER
    if not file or not counts or not int(number):
        raise UsageError(f"{spot}: not a place; give FILE:LINE, as in arch/x86/…/tdx.c:120")
    return file, int(number)


def _found(file: str, tree: Path | None) -> tuple[Path, str]:
    """Give the tree, and the file's path in it: a path on disk counts where it lies in the tree."""
    from tdxreview.cli.code import name_in, tree_around

    given = Path(file)
    top = tree or tree_around(given) or Path()
    named = tree is not None and not given.is_absolute() and not given.exists()
    if named or not given.resolve().is_relative_to(top.resolve()):
        return top, file
    return top, name_in(given, top)


def _tree(top: Path, rev: str | None) -> SourceTree:
    """Give a commit where one is named, or where there is nothing else; the files otherwise."""
    from tdxreview.source.directory import DirectoryTree
    from tdxreview.source.ground import standing

    if rev is None and (top / ".git").exists():
        return DirectoryTree(top)
    return standing(top, rev).tree
