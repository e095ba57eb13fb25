"""`tdxreview config`: what is set, and where."""

from pathlib import Path
from typing import Annotated

import typer

from tdxreview.cli.options import Config, NoConfig

app = typer.Typer(no_args_is_help=True, help="Show what is configured, and where.")
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@app.callback()
def _config() -> None:
    """Show what is configured, and where."""


@app.command()
def show(*, config: Config = None, no_config: NoConfig = False, json: AsJson = False) -> None:
    """Show every setting, its value, and where it comes from.

    Read are git's global and system configuration, the user's file, the environment and the files
    that --config names, the strongest last; never a file of the current directory by itself.
    """
    from tdxreview.cli.configuration import configured
    from tdxreview.cli.output import emit
    from tdxreview.config.show import as_json, as_text

    files: list[Path] = config or []
    settings = configured({}, files, own=not no_config)
    emit(as_json(settings) if json else as_text(settings))
