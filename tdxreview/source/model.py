"""Diffs and post-images as values: every line knows where it stands and who put it there."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from tdxreview.series.model import Patch


class NotExamined(Struct, frozen=True):
    """Something that was not looked at, and why; every report shows it.

    `patch` is the position of the patch in its series, `path` the file, either may be unknown.
    `absent` says that it is not in the input at all (a patch of the series that nobody gave),
    so that the review of what was given is complete without it. So it is with what was left out
    `on_purpose`: another series of the mailbox, a diff that a reviewer proposes.
    """

    patch: int | None
    path: str | None
    reason: str
    absent: bool = False
    on_purpose: bool = False


class InPart(Struct, frozen=True):
    """A function on the way to a SEAMCALL that was not seen whole, and what of it was not.

    `function` is empty where the hunk does not say which one it is of.
    """

    patch: int
    path: str
    function: str
    reason: str


class LetGo(Struct, frozen=True):
    """Something of the input that has nothing to do with SEAMCALL, and why that holds."""

    patch: int | None
    path: str | None
    reason: str


class LineKind(StrEnum):
    """What a hunk line does."""

    CONTEXT = " "
    ADDED = "+"
    REMOVED = "-"


class DiffLine(Struct, frozen=True):
    """One line of a hunk.

    `old` and `new` are its numbers in the pre-image and the post-image (None on the side where
    it does not exist); `diff_line` is its 0-based line in the patch's diff text.
    """

    kind: LineKind
    text: str
    old: int | None
    new: int | None
    diff_line: int


class Hunk(Struct, frozen=True, kw_only=True):
    """A run of changed lines with its context; `section` is the text after the second @@.

    Without `anchored` the diff does not say where the lines stand in their file (a hunk quoted
    without its header): both starts are then the 1-based line of the diff where it begins.
    """

    old_start: int
    new_start: int
    section: str
    lines: tuple[DiffLine, ...]
    diff_line: int
    anchored: bool = True


class FileDiff(Struct, frozen=True, kw_only=True):
    """What one patch does to one file: a new one has no `old_path`, a deleted no `new_path`.

    Both are empty where the diff does not name the file. `copied` says that the file at
    `old_path` stays. `blobs` are the abbreviated object names of git's `index` line, and
    `diff_line` is the 0-based line of the diff where the file begins. With `damaged`, lines of
    it are lost. `special` names what is no regular file, "a symbolic link" or "a submodule".
    """

    old_path: str | None
    new_path: str | None
    hunks: tuple[Hunk, ...]
    diff_line: int = 0
    copied: bool = False
    binary: bool = False
    damaged: bool = False
    mode_change: tuple[str, str] | None = None
    blobs: tuple[str, str] | None = None
    special: str = ""

    @property
    def path(self) -> str:
        """Give the name that the file goes by after the patch, or before it if it is deleted."""
        return self.new_path or self.old_path or ""


class KnownLine(NamedTuple):
    """What is known of a line wherever it stands: see `SourceLine`."""

    text: str
    added_by: int | None
    diff_line: int | None


class SourceLine(NamedTuple):
    """One known line of a file image.

    `number` is 1-based in that image. `added_by` is the position of the patch that added it,
    None for a line that was there before the series. `diff_line` is the 0-based line of that
    patch's diff that added it.
    """

    number: int
    text: str
    added_by: int | None
    diff_line: int | None


# Without slots, so that numbered lines can be cached: most fragments of a long series are never
# read, only passed on.
@dataclass(frozen=True, kw_only=True)
class Fragment:
    """A run of known lines without a gap, the first of them at number `start`.

    `section` is the function header that git printed for the hunk this run begins with; empty
    where there is none. The run may begin and end in the middle of a function.
    """

    start: int
    known: tuple[KnownLine, ...]
    section: str = ""

    @property
    def end(self) -> int:
        """Give the number behind the last line."""
        return self.start + len(self.known)

    @cached_property
    def text(self) -> str:
        """Give the lines as one text, each ended by a line feed."""
        return "".join(f"{line.text}\n" for line in self.known)

    @cached_property
    def lines(self) -> tuple[SourceLine, ...]:
        """Give the lines with their numbers."""
        return tuple(
            SourceLine(number, *line) for number, line in enumerate(self.known, start=self.start)
        )


class Image(Struct, frozen=True, kw_only=True):
    """A file as far as it is known at one point of the series.

    `whole` says that the fragment is the complete file (there is none if it is empty);
    otherwise there may be unknown lines before, between and after the fragments. The fragments
    stand in ascending order of their numbers, with at least one unknown line between two.
    """

    path: str
    whole: bool
    fragments: tuple[Fragment, ...]

    @property
    def lines(self) -> Iterator[SourceLine]:
        """Iterate over all known lines in the order of their numbers."""
        return (line for fragment in self.fragments for line in fragment.lines)


class KeptRun(NamedTuple):
    """Lines that a patch left alone: `length` of them, from `after` in the post-image on."""

    after: int
    before: int
    length: int


class LineMap(Struct, frozen=True):
    """The lines that a patch left alone, as runs in ascending order.

    Iterating gives pairs (number in the post-image, number in the pre-image), so that
    `dict(line_map)` is the map spelled out.
    """

    runs: tuple[KeptRun, ...] = ()

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for run in self.runs:
            for offset in range(run.length):
                yield run.after + offset, run.before + offset

    def before(self, after: int) -> int | None:
        """Give the pre-image number of a post-image line, None if the patch brought it."""
        index = bisect_right(self.runs, after, key=lambda run: run.after) - 1
        if index < 0 or after >= self.runs[index].after + self.runs[index].length:
            return None
        return after - self.runs[index].after + self.runs[index].before

    def after(self, before: int) -> int | None:
        """Give the post-image number of a pre-image line, None if the patch took it away."""
        index = bisect_right(self.runs, before, key=lambda run: run.before) - 1
        if index < 0 or before >= self.runs[index].before + self.runs[index].length:
            return None
        return before - self.runs[index].before + self.runs[index].after


class Change(Struct, frozen=True, kw_only=True):
    """What one patch does to one file: the images around it, and the map between their lines.

    `before` is None for a new file and `after` for a deleted one. `kept` maps the numbers of
    post-image lines that the patch left alone to their numbers in the pre-image; `removed`
    holds the lines that the patch took away, numbered in the pre-image.
    """

    patch: int
    before: Image | None
    after: Image | None
    kept: LineMap
    removed: tuple[SourceLine, ...]

    @property
    def added(self) -> tuple[SourceLine, ...]:
        """Give the lines that this patch added, numbered in the post-image."""
        lines = self.after.lines if self.after else ()
        return tuple(line for line in lines if line.added_by == self.patch)


class PatchState(Struct, frozen=True, kw_only=True):
    """What one patch of a series does, and what the files look like after it.

    `images` holds, by path, every file that this patch or an earlier one touched. `files` is
    the diff itself, for the way from a line back to the mail. `problem` says why the patch could
    not be applied to the tree, in git's words; its images are then partial.
    """

    patch: Patch
    files: tuple[FileDiff, ...]
    changes: tuple[Change, ...]
    images: Mapping[str, Image]
    not_examined: tuple[NotExamined, ...]
    problem: str | None = None
