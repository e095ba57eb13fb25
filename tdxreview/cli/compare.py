"""`tdxreview compare`: what the next version did."""

from typing import Annotated

import typer

from tdxreview.cli.options import (
    Baseline,
    BaseRevision,
    Config,
    Ignore,
    IgnoreIn,
    NoConfig,
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

Form = Annotated[str | None, format_option(Result.COMPARE)]
Output = Annotated[list[str] | None, output_option(Result.COMPARE)]
Notes = Annotated[
    bool | None,
    typer.Option(
        "--notes/--no-notes", show_default=False, help="Show notes as well, not only their number."
    ),
]
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
    base: BaseRevision = None,
    rules: Rules = None,
    notes: Notes = None,
    form: Form = None,
    output: Output = None,
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
    """Hold two revisions of a series against each other.

    Tells for every patch whether it is unchanged, changed, new, dropped, split or merged; for
    every remark whether the lines it is about changed; which findings are fixed, still there or
    new; and which trailers are older than the change. The changelog is not asked.
    """
    from tdxreview.cli import pipeline
    from tdxreview.cli.configuration import asked, configured, shows_notes
    from tdxreview.cli.deliver import deliver, targets
    from tdxreview.cli.hiding import tell_hidden
    from tdxreview.cli.reviewing import trusted_layers

    given = asked(select, ignore, severity, ignore_in, suppressions=suppressions, baseline=baseline)
    wanted = targets(Result.COMPARE, form, output)
    inputs, ground = (old, new) if new else (old,), (tree, base)
    with trusted_layers(inputs[-1:], ground, wanted=trust_base) as layers:
        settings = configured(given, config, own=not no_config, trusted=layers)
        request = pipeline.request(inputs, revision, ground, rules, settings=settings)
        result = pipeline.run_compare(request)
        shown = {"notes": shows_notes(settings, notes=notes)}
        deliver(wanted, Result.COMPARE, result, request.rules, **shown)
    tell_hidden(result.old, (), which="the older revision: ")
    tell_hidden(result.new, (), which="the newer revision: ")
