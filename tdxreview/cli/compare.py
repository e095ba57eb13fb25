"""`tdxreview compare`: what the next version did."""

from typing import Annotated

import typer

from tdxreview.cli.options import Revision, Rules, Tree, format_option, output_option
from tdxreview.report.formats import Result

Form = Annotated[str | None, format_option(Result.COMPARE)]
Output = Annotated[list[str] | None, output_option(Result.COMPARE)]
Notes = Annotated[bool, typer.Option("--notes", help="Show notes as well, not only their number.")]
Old = Annotated[
    str,
    typer.Argument(
        metavar="OLD",
        show_default=False,
        help="A revision, given as to review; or one input that holds both.",
    ),
]
New = Annotated[
    str | None,
    typer.Argument(metavar="[NEW]", show_default=False, help="The next revision."),
]


def compare(
    old: Old,
    new: New = None,
    *,
    revision: Revision = None,
    tree: Tree = None,
    rules: Rules = None,
    notes: Notes = False,
    form: Form = None,
    output: Output = None,
) -> None:
    """Hold two revisions of a series against each other.

    Tells for every patch whether it is unchanged, changed, new, dropped, split or merged; for
    every remark whether the lines it is about changed; which findings are fixed, still there or
    new; and which trailers are older than the change. The changelog is not asked.
    """
    from tdxreview.cli import pipeline
    from tdxreview.cli.deliver import deliver, targets

    wanted = targets(Result.COMPARE, form, output)
    asked = pipeline.request((old, new) if new else (old,), revision, (tree, None), rules)
    deliver(wanted, Result.COMPARE, pipeline.run_compare(asked), rules, notes=notes)
