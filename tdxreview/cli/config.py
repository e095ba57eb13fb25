"""`tdxreview config`: what is set, and where."""

from pathlib import Path
from typing import Annotated

import typer

from tdxreview.cli.options import BaseRevision, Config, NoConfig, Tree, TrustBase

app = typer.Typer(no_args_is_help=True, help="Show what is configured, and where.")
Range = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RANGE",
        show_default=False,
        help="The git range at whose base --trust-base looks.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@app.callback()
def _config() -> None:
    """Show what is configured, and where."""


@app.command()
def show(
    ranges: Range = None,
    *,
    tree: Tree = None,
    base: BaseRevision = None,
    config: Config = None,
    no_config: NoConfig = False,
    trust_base: TrustBase = False,
    json: AsJson = False,
) -> None:
    """Show every setting, its value, and where it comes from.

    Read are git's global and system configuration, the user's file, the environment and the files
    that --config names, the strongest last; never a file of the current directory by itself.
    With --trust-base, also what the base of a range says, or --base of --tree.
    """
    from tdxreview.cli.configuration import configured
    from tdxreview.cli.output import emit
    from tdxreview.cli.reviewing import trusted_layers
    from tdxreview.config.show import as_json, as_text

    files: list[Path] = config or []
    with trusted_layers(ranges, (tree, base), wanted=trust_base) as layers:
        settings = configured({}, files, own=not no_config, trusted=layers)
    emit(as_json(settings) if json else as_text(settings))
