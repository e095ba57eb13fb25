"""INPUT arguments to what the pipeline reads."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tdxreview.errors import UsageError
from tdxreview.mail.intake import LARGEST, Intake, read_bytes, read_paths

STANDARD_INPUT = "-"


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
    if sys.stdin.isatty() and not asked:
        raise UsageError("no INPUT; name a mailbox, patches or a git range, or pipe a mail in")
    return read_bytes(sys.stdin.buffer.read(LARGEST + 1), "standard input")


def _is_range(name: str) -> bool:
    """Tell `base..HEAD` from a path; what exists is a path."""
    before, dots, _ = name.partition("..")
    return bool(dots) and bool(before.strip("./")) and not Path(name).exists()


def _read_range(git_range: str, tree: Path) -> Intake:
    from tdxreview.source.git_tree import format_patch

    return read_bytes(format_patch(tree, git_range), git_range)
