"""INPUT arguments to what the pipeline reads."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from tdxreview.errors import UsageError
from tdxreview.mail.intake import LARGEST, Intake, read_bytes, read_paths

STANDARD_INPUT = "-"
PIECE = 1 << 16


def read_inputs(inputs: Sequence[str], tree: Path | None) -> tuple[Intake, str | None]:
    """Read what the command line names: standard input, a git range, or paths.

    With a range comes the revision that it starts at, which is the base of its series.
    """
    if not inputs or list(inputs) == [STANDARD_INPUT]:
        return _read_stdin(asked=bool(inputs)), None
    if STANDARD_INPUT in inputs:
        raise UsageError("- is standard input and cannot be combined with other inputs")
    ranges = [name for name in inputs if _is_range(name)]
    if not ranges:
        return read_paths([Path(name) for name in inputs]), None
    if len(inputs) > 1:
        raise UsageError(f"{ranges[0]}: a git range cannot be combined with other inputs")
    return _read_range(ranges[0], tree or Path()), ranges[0].partition("..")[0]


def _read_stdin(*, asked: bool) -> Intake:
    if sys.stdin is None:
        raise UsageError("standard input is closed; name a mailbox, patches or a git range")
    if sys.stdin.isatty() and not asked:
        raise UsageError("no INPUT; name a mailbox, patches or a git range, or pipe a mail in")
    return read_bytes(_read_all(sys.stdin.buffer), "standard input")


def _read_all(stream: BinaryIO) -> bytes:
    """Give what is there, a little more than we take at most.

    In pieces: one long read does not heed an interrupt that comes while it goes on.
    """
    pieces = bytearray()
    while len(pieces) <= LARGEST and (piece := stream.read1(PIECE)):  # type: ignore[attr-defined]
        pieces += piece
    return bytes(pieces)


def _is_range(name: str) -> bool:
    """Tell `base..HEAD` from a path; what exists is a path."""
    before, dots, _ = name.partition("..")
    return bool(dots) and bool(before.strip("./")) and not Path(name).exists()


def _read_range(git_range: str, tree: Path) -> Intake:
    from tdxreview.source.git_tree import format_patch

    return read_bytes(format_patch(tree, git_range), git_range)
