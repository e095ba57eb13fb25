"""The command line's one entry: whatever happens ends in one line and an exit status."""

import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence

from tdxreview.errors import ExitStatus, TdxreviewError

HOW_TO_REPORT = (
    "this is a bug in tdxreview; set TDXREVIEW_DEBUG=1 for the traceback"
    " and report it with the input, if you can share it"
)
DEEPEST = 5_000
"""Frames on the stack: code is read to a depth of 150 (`cfront.lowering`), each level some frames.

A frame takes less than a kilobyte of the 8 MB that the stack has.
"""

_SHOWN = 60
"""So much of a name that is too long is shown."""


def main() -> None:
    """Run the command line and exit with its status.

    A run is short and its values are frozen, so that they form no cycles: looking for cycles, on
    the way and at the end, would cost a fifth of the time that a small review takes.
    """
    gc.disable()
    _occupy_closed_descriptors()
    sys.setrecursionlimit(DEEPEST)
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
        return _interrupted()
    except BrokenPipeError:
        _abandon_stdout()
        return ExitStatus.CLEAN
    except Exception as error:  # noqa: BLE001  the border: a crash must not look like a finding
        return _crash(error)


def _dispatch(arguments: Sequence[str]) -> int:
    from tdxreview.cli import reviewing
    from tdxreview.cli.plain import plain

    asked = plain(arguments)
    return _dispatch_any(arguments) if asked is None else reviewing.reviewed(**asked)


def _dispatch_any(arguments: Sequence[str]) -> int:
    from tdxreview.cli.app import REFUSAL, build_app
    from tdxreview.cli.output import refuse

    try:
        end = build_app()(args=counts_last(arguments), prog_name="tdxreview", standalone_mode=False)
    except REFUSAL as refusal:
        said = refusal.format_message().rstrip(".")
        where = getattr(refusal.ctx, "command_path", "tdxreview")
        if "\n" in said:
            refuse(f"{said}\n")
        else:
            _complain(f"{said[:1].lower()}{said[1:]}; see {where} -h")
        return ExitStatus.USAGE
    return end if isinstance(end, int) else ExitStatus.CLEAN


def _interrupted() -> int:
    """End at once: what is half written goes nowhere, and no other interrupt gets in between."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _abandon_stdout()
    return ExitStatus.INTERRUPTED


def _crash(error: Exception) -> int:
    if os.environ.get("TDXREVIEW_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        _complain(f"{str(error.filename)[:_SHOWN]}...: {error.strerror}")
        return ExitStatus.USAGE
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _abandon_stdout()
        _complain(f"cannot write: {error.strerror}")
        return ExitStatus.USAGE
    where = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    _complain(f"{type(error).__name__}: {error}{where}; {HOW_TO_REPORT}")
    return ExitStatus.OUR_BUG


def _complain(problem: str) -> None:
    from tdxreview.cli.output import complain

    complain(problem)


def _occupy_closed_descriptors() -> None:
    from tdxreview.cli.output import occupy_closed_descriptors

    occupy_closed_descriptors()


def _abandon_stdout() -> None:
    from tdxreview.cli.output import abandon_stdout

    abandon_stdout()
