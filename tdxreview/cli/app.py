"""The commands put together; each command's module imports its stages only when it runs."""

from typing import Annotated, Any

import typer

from tdxreview import __version__
from tdxreview.cli.compare import compare
from tdxreview.cli.config import app as config
from tdxreview.cli.facts import facts
from tdxreview.cli.hook import app as hook
from tdxreview.cli.prove import prove
from tdxreview.cli.reply import reply
from tdxreview.cli.review import review
from tdxreview.cli.rules import app as rules
from tdxreview.cli.scan import scan
from tdxreview.cli.schema import schema
from tdxreview.cli.sites import sites
from tdxreview.cli.suppress import suppress
from tdxreview.cli.thread import thread
from tdxreview.cli.why import why

REFUSAL: Any = next(
    each for each in typer.BadParameter.__mro__ if each.__name__ == "ClickException"
)
"""What a wrong command line raises; typer has a public name for one kind of it only."""
EPILOG = (
    "Exit status: 0 nothing at or above --fail-on, 1 findings, 2 usage or configuration,"
    " 3 nothing to review in the input, 4 incomplete, 70 a bug of ours, 130 interrupted."
)


def build_app() -> typer.Typer:
    """Give the whole command line."""
    app = typer.Typer(
        name="tdxreview",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(epilog=EPILOG)(_tdxreview)
    for command in (
        review,
        reply,
        thread,
        compare,
        sites,
        scan,
        why,
        facts,
        prove,
        schema,
        suppress,
    ):
        app.command()(command)
    app.add_typer(rules, name="rules")
    app.add_typer(hook, name="hook")
    app.add_typer(config, name="config")
    return app


def _version(asked: bool) -> None:
    if asked:
        from tdxreview.cli.knowledge import stamp
        from tdxreview.cli.output import emit

        emit(f"tdxreview {__version__}, {stamp(()).sentence()}\n")
        raise typer.Exit


def _tdxreview(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Review Linux kernel patches that make SEAMCALLs (Intel TDX host).

    Tells for every SEAMCALL that a series adds or affects whether the CPU is in VMX operation
    there, whether #UD and #GP are handled, and whether the completion status is read right.
    No network, no kernel build, the same answer every time.
    """
    # typer wants a function; `version` has done its work before.
    _ = version
