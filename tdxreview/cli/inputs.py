"""INPUT arguments to what the pipeline reads."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.errors import UsageError
from tdxreview.mail.intake import LARGEST, Intake, read_bytes, read_paths

STANDARD_INPUT = "-"
PIECE = 1 << 16


class Input(Struct, frozen=True):
    """What was read, the tree that it is to be put on, and the commit that it builds on.

    A git range brings both: its repository is the tree, unless another one was named. What begins
    with a root commit is `rooted`: below it there is no code.
    """

    intake: Intake
    tree: Path | None
    base: str | None = None
    rooted: bool = False

    def ground(self, wanted: str | None) -> tuple[Path | None, str | None]:
        """Give the tree to put it on and the commit of it, which is `wanted` where that is given.

        No tree where there is none below a root commit: the patches alone are all of the code.
        """
        if self.rooted and wanted is None:
            return None, None
        return self.tree, wanted or self.base


def read_inputs(inputs: Sequence[str], tree: Path | None) -> Input:
    """Read what the command line names: standard input, a git range, or paths.

    What exists is a path, also if it has the name of a branch.
    """
    if not inputs or list(inputs) == [STANDARD_INPUT]:
        return Input(_read_stdin(asked=bool(inputs)), tree)
    if STANDARD_INPUT in inputs:
        raise UsageError("- is standard input and cannot be combined with other inputs")
    ranges = [name for name in inputs if _is_range(name)]
    if not ranges and len(inputs) == 1 and not _exists(inputs[0]):
        return _read_revision(inputs[0], tree)
    if not ranges:
        return Input(read_paths([Path(name) for name in inputs]), tree)
    if len(inputs) > 1:
        raise UsageError(f"{ranges[0]}: a git range cannot be combined with other inputs")
    return _read_range(ranges[0], tree or _around(ranges[0]))


def range_of(inputs: Sequence[str], tree: Path | None) -> tuple[str, Path] | None:
    """Give the git range that the command line names, with its repository; None if it is none."""
    if len(inputs) != 1 or not _is_range(inputs[0]):
        return None
    return inputs[0], tree or _around(inputs[0])


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


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def _is_range(name: str) -> bool:
    """Tell `base..HEAD`, `..topic` and `-3` from a path."""
    if name.startswith("-") and name[1:].isdecimal():
        return True
    before, dots, after = name.partition("..")
    if not dots or after.startswith("/") or before.endswith("/") or not name.strip("."):
        return False  # `../x` leads up
    return not _exists(name)


def _around(words: str) -> Path:
    from tdxreview.source.git_range import repository_around

    found = repository_around(Path())
    if found is None:
        raise UsageError(f"{words}: of which repository? Name it with --tree DIR, or go there")
    return found


def _read_revision(name: str, tree: Path | None) -> Input:
    """Read the commit that a name means which is no path; UsageError if it means none."""
    from tdxreview.source.git_range import repository_around

    top = tree or repository_around(Path())
    if top is None or not top.is_dir():
        raise UsageError(f"{name}: no such file or directory")
    try:
        return _read_range(name, top)
    except UsageError as error:
        raise UsageError(f"{name}: no such file or directory, and {_why(name, error)}") from error


def _why(name: str, error: UsageError) -> str:
    return str(error).removeprefix(f"{name}: ")


def _read_range(words: str, top: Path) -> Input:
    from tdxreview.source.git_range import read_range

    commits = read_range(top, words)
    intake = replace(read_bytes(commits.patches, words), taken_for=commits.taken_for)
    return Input(intake, top, commits.base, commits.rooted)
