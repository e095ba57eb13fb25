"""The command line's one entry: whatever happens ends in one line and an exit status."""

import errno
import gc
import os
import sys
from collections.abc import Sequence

from tdxreview.errors import ExitStatus, TdxreviewError

HOW_TO_REPORT = (
    "this is a bug in tdxreview; set TDXREVIEW_DEBUG=1 for the traceback"
    " and report it with the input, if you can share it"
)


def main() -> None:
    """Run the command line and exit with its status.

    A run is short and its values are frozen, so that they form no cycles: looking for cycles, on
    the way and at the end, would cost a fifth of the time that a small review takes.
    """
    gc.disable()
    status = run(sys.argv[1:])
    gc.freeze()
    sys.exit(status)


def counts_last(arguments: Sequence[str]) -> list[str]:
    """Put `-3`, which for git users is the last three commits, behind all options."""
    if "--" in arguments:
        return list(arguments)
    counts = [word for word in arguments if word.startswith("-") and word[1:].isdecimal()]
    others = [word for word in arguments if word not in counts]
    return [*others, "--", *counts] if counts else others


def run(arguments: Sequence[str]) -> int:
    """Give the exit status of a command line; nothing but `SystemExit` of ours leaves here."""
    try:
        return _dispatch(arguments)
    except TdxreviewError as error:
        _complain(str(error))
        return error.status
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return ExitStatus.CLEAN
    except Exception as error:  # noqa: BLE001  the border: a crash must not look like a finding
        return _crash(error)


def _dispatch(arguments: Sequence[str]) -> int:
    from tdxreview.cli.app import build_app

    try:
        build_app()(args=counts_last(arguments), prog_name="tdxreview")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitStatus.CLEAN
    return ExitStatus.CLEAN


def _crash(error: Exception) -> int:
    if os.environ.get("TDXREVIEW_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _abandon_stdout()
        _complain(f"cannot write: {error.strerror}")
        return ExitStatus.USAGE
    _complain(f"{type(error).__name__}: {error}; {HOW_TO_REPORT}")
    return ExitStatus.OUR_BUG


def _complain(problem: str) -> None:
    from tdxreview.cli.output import complain

    complain(problem)


def _abandon_stdout() -> None:
    from tdxreview.cli.output import abandon_stdout

    abandon_stdout()
