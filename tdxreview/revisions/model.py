"""What became of a series from one revision to the next, as values."""

from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from tdxreview.series.model import Patch, Series


class Fate(StrEnum):
    """What became of a patch; unchanged says that it adds and removes the same lines."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    NEW = "new"
    DROPPED = "dropped"
    SPLIT = "split"
    MERGED = "merged"


class By(StrEnum):
    """What shows that two patches are one, strongest first."""

    CHANGE_ID = "the same Change-Id"
    DIFF = "the same diff"
    SUBJECT = "the same subject"
    LIKENESS = "a similar diff"
    NOTHING = ""


class Changed(NamedTuple):
    """A line that a patch adds (sign `+`) or removes (`-`)."""

    sign: str
    text: str


class FileChange(Struct, frozen=True):
    """All lines that a patch adds to and removes from one file, in the order of the diff."""

    path: str
    lines: tuple[Changed, ...]


class Delta(NamedTuple):
    """A changed line that only one of two revisions has: side `-` is the old one, `+` the new."""

    side: str
    line: Changed


class FileDelta(Struct, frozen=True):
    """The interdiff of one file; `old_path` differs where the file got another name."""

    path: str
    old_path: str
    lines: tuple[Delta, ...]

    def count(self, side: str) -> int:
        """Count the lines that only one revision has."""
        return sum(each.side == side for each in self.lines)


class Pair(Struct, frozen=True, kw_only=True):
    """Patches of the old revision and what became of them, by their positions.

    One of `old` and `new` is empty where a patch is new or dropped. `message_changed` tells that
    subject or commit message are not the same; `interdiff` is empty where the diffs are.
    """

    old: tuple[int, ...]
    new: tuple[int, ...]
    fate: Fate
    by: By = By.NOTHING
    message_changed: bool = False
    interdiff: tuple[FileDelta, ...] = ()


class Comparison(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """Two revisions of a series and the pairs of their patches, in the order of the new one."""

    old: Series
    new: Series
    pairs: tuple[Pair, ...]

    @cached_property
    def _of_old(self) -> dict[int, Pair]:
        return {position: pair for pair in self.pairs for position in pair.old}

    @cached_property
    def _of_new(self) -> dict[int, Pair]:
        return {position: pair for pair in self.pairs for position in pair.new}

    def of_old(self, position: int) -> Pair:
        """Give what became of a patch of the old revision."""
        return self._of_old[position]

    def of_new(self, position: int) -> Pair:
        """Give what a patch of the new revision comes from."""
        return self._of_new[position]

    def successors(self, position: int) -> tuple[Patch, ...]:
        """Give the patches of the new revision that a patch of the old one became."""
        return tuple(self.new.patches[at - 1] for at in self.of_old(position).new)

    def origins(self, position: int) -> tuple[Patch, ...]:
        """Give the patches of the old revision that a patch of the new one comes from."""
        return tuple(self.old.patches[at - 1] for at in self.of_new(position).old)
