"""Where results and diagnostics go: results to stdout, all else to stderr."""

import os
import shutil
import sys
from dataclasses import dataclass

from tdxreview.errors import UsageError

PIPE_WIDTH = 80
NARROWEST = 40


@dataclass(frozen=True, slots=True)
class Look:
    """How a report for people is to look: columns to fill, and whether in colour."""

    width: int
    colour: bool


def emit(text: str) -> None:
    """Write a result to stdout; a reader that went away early is no error."""
    stream = sys.stdout
    try:
        stream.buffer.write(text.encode(stream.encoding, errors="replace"))
        stream.flush()
    except BrokenPipeError:
        abandon_stdout()
    except OSError as error:
        abandon_stdout()
        raise UsageError(f"cannot write to standard output: {error.strerror}") from error


def complain(problem: str) -> None:
    """Write one line to stderr, whatever the problem's text holds."""
    from tdxreview.report.plain import plain

    _to_stderr(f"tdxreview: {' '.join(plain(problem).split())}\n")


def refuse(explanation: str) -> None:
    """Write what is wrong with a command line to stderr; its words may hold anything."""
    from tdxreview.report.plain import plain

    _to_stderr(plain(explanation))


def _to_stderr(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _to_null(2)


def abandon_stdout() -> None:
    """Send what is still buffered nowhere, so that Python's own last flush is silent."""
    _to_null(1)


def look() -> Look:
    """Give the look that stdout and the environment ask for.

    FORCE_COLOR and CLICOLOR_FORCE give colour to a pipe, NO_COLOR takes it away and wins;
    COLUMNS sets the width.
    """
    terminal = sys.stdout.isatty()
    columns = shutil.get_terminal_size((PIPE_WIDTH, 24)).columns if terminal else _columns()
    return Look(max(columns, NARROWEST), _wants_colour(terminal=terminal))


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdecimal() and given.isascii() and len(given) < 5 else PIPE_WIDTH  # noqa: PLR2004


def _wants_colour(*, terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") != "0" for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return terminal and os.environ.get("TERM") != "dumb"


def _to_null(descriptor: int) -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)
