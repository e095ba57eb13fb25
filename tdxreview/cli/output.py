"""Where results and diagnostics go: results to stdout, all else to stderr."""

import os
import shutil
import sys

from msgspec import Struct

from tdxreview.errors import UsageError

PIPE_WIDTH = 10_000
"""A pipe has no edge: what reads it wraps, or searches, by itself."""
NARROWEST = 40
LINKING_PROGRAMS = frozenset(
    {"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio", "WarpTerminal"}
)
LINKING_TERMS = ("xterm-kitty", "foot", "alacritty", "wezterm", "xterm-ghostty", "contour")
FIRST_LINKING_VTE = 5000
"""VTE 0.50 was the first that shows OSC 8 as links."""


class Look(Struct, frozen=True):
    """How a report for people is to look: columns to fill, whether in colour, and with links."""

    width: int
    colour: bool
    links: bool = False


def emit(text: str) -> None:
    """Write a result to stdout; a reader that went away early is no error."""
    stream = sys.stdout
    if not text:
        return
    if stream is None:
        raise UsageError("cannot write to standard output: it is closed")
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
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _to_null(2)


def abandon_stdout() -> None:
    """Send what is still buffered nowhere, so that Python's own last flush is silent."""
    _to_null(1)


def occupy_closed_descriptors() -> None:
    """Put /dev/null where a standard stream is closed.

    The next file that is opened would take its number, and be written to as if it were it.
    A closed stdout stays missed; what goes to a closed stderr goes nowhere, and not to stdout.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.dup(2), "w")


def look() -> Look:
    """Give the look that stdout and the environment ask for.

    FORCE_COLOR and CLICOLOR_FORCE give colour to a pipe, NO_COLOR takes it away and wins;
    COLUMNS sets the width, and a pipe without it has no edge. FORCE_HYPERLINK decides on links.
    """
    terminal = is_terminal(sys.stdout)
    columns = shutil.get_terminal_size((80, 24)).columns if terminal else _columns()
    colour = _wants_colour(terminal=terminal)
    return Look(max(columns, NARROWEST), colour, colour and _wants_links(terminal=terminal))


def is_terminal(stream: object) -> bool:
    """Tell whether a stream is there and a terminal."""
    asked = getattr(stream, "isatty", None)
    return bool(asked and asked())


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdecimal() and given.isascii() and len(given) < 5 else PIPE_WIDTH  # noqa: PLR2004


def _wants_colour(*, terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return terminal and os.environ.get("TERM") != "dumb" and os.environ.get("CLICOLOR") != "0"


def _wants_links(*, terminal: bool) -> bool:
    """Tell whether the terminal is one that makes links; none inside a multiplexer."""
    forced = os.environ.get("FORCE_HYPERLINK", "")
    if forced:
        return forced != "0"
    term = os.environ.get("TERM", "")
    if not terminal or os.environ.get("TMUX") or term.startswith(("screen", "tmux")):
        return False
    vte = os.environ.get("VTE_VERSION", "")
    return (
        (vte.isdecimal() and int(vte) >= FIRST_LINKING_VTE)
        or os.environ.get("TERM_PROGRAM") in LINKING_PROGRAMS
        or term.startswith(LINKING_TERMS)
        or bool(os.environ.get("WT_SESSION") or os.environ.get("KONSOLE_VERSION"))
    )


def _to_null(descriptor: int) -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)
