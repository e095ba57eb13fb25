"""The quoted side of a reply: the diff trimmed to what a remark is about."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from tdxreview.report.plain import plain
from tdxreview.rules.model import Finding
from tdxreview.series.model import Patch
from tdxreview.source.diff import split_diff
from tdxreview.source.model import DiffLine, FileDiff, Hunk

SNIP = "[ ... ]"
"""Exactly what b4 takes for a mark of left-out lines; `[...]` it takes for a remark."""
BEFORE = 6
FARTHEST = 24
"""Lines back to the head of the function, which is worth its lines."""
LONGEST_PLACE = 12
LONGEST_LINE = 240
"""Characters of a quoted line, at most 960 bytes: RFC 5322 (2.1.1) allows 998."""
_HEAD = re.compile(r"[A-Za-z_].*\(")


class Spot(Struct, frozen=True, kw_only=True):
    """Where in a diff a remark goes: the 0-based lines of the file's, the hunk's and the code's.

    `last` is the line that the remark stands under.
    """

    file: int
    hunk: int
    start: int
    last: int


def spot_of(patch: Patch, finding: Finding) -> Spot | None:
    """Give where a patch's diff shows what a finding is about, or else a step on its way."""
    files = split_diff(patch.diff).files
    if finding.place is None:
        return None
    own = (finding.place.path, finding.place.line, finding.place.end_line)
    steps = [(step.path, step.line, step.line) for step in reversed(finding.trace)]
    for path, first, end in (own, *steps):
        if found := _shown(files, path, (first, end), side=finding.side):
            return found
    return None


def _shown(
    files: Sequence[FileDiff], path: str, lines: tuple[int, int], *, side: str
) -> Spot | None:
    for file in files:
        if path != (file.old_path if side == "before" else file.new_path):
            continue
        for hunk in file.hunks:
            if found := _in_hunk(file, hunk, lines, side=side):
                return found
    return None


def _in_hunk(file: FileDiff, hunk: Hunk, lines: tuple[int, int], *, side: str) -> Spot | None:
    first, end = lines
    begin = hunk.old_start if side == "before" else hunk.new_start
    if not begin <= first < begin + len(hunk.lines):
        return None
    end = min(end, first + LONGEST_PLACE)
    inside = [line for line in hunk.lines if first <= (_number(line, side) or 0) <= end]
    if not hunk.anchored or not inside or _number(inside[0], side) != first:
        return None
    start = _start(hunk, inside[0])
    return Spot(file=file.diff_line, hunk=hunk.diff_line, start=start, last=inside[-1].diff_line)


def _number(line: DiffLine, side: str) -> int | None:
    return line.old if side == "before" else line.new


def _start(hunk: Hunk, here: DiffLine) -> int:
    """Give where to begin: at the head of the function if that is near, else a little before."""
    above = [line for line in hunk.lines if line.diff_line <= here.diff_line]
    for line in reversed(above[-FARTHEST:]):
        if _HEAD.match(line.text):
            return line.diff_line
    return above[-BEFORE:][0].diff_line


class Quoter:
    """Quotes a diff from top to bottom, each line once, with a mark where lines are left out."""

    def __init__(self, patch: Patch) -> None:
        self._lines = patch.diff.split("\n")
        self._file = self._hunk = -1
        self._next = 0

    def until(self, spot: Spot) -> Iterator[str]:
        """Give the quote down to a remark; spots have to come in the order of the diff."""
        if spot.file != self._file:
            yield from self._header(spot)
        if spot.hunk != self._hunk:
            if self._next and spot.file == self._file:
                yield from ("", SNIP, "")
            yield quoted(self._lines[spot.hunk])
            self._next = spot.hunk + 1
        start = max(self._next, min(spot.start, spot.last))
        if start > self._next:
            yield from ("", SNIP, "")
        yield from map(quoted, self._lines[start : spot.last + 1])
        self._file, self._hunk = spot.file, spot.hunk
        self._next = max(self._next, spot.last + 1)

    def _header(self, spot: Spot) -> Iterator[str]:
        """Give the name of the file: git's own line, or else those of `diff -u`."""
        if self._next:
            yield from ("", SNIP, "")
        above = self._lines[spot.file : spot.hunk]
        named = [line for line in above if line.startswith("diff --git ")]
        plainly = [line for line in above[:2] if line.startswith(("--- ", "+++ "))]
        yield from map(quoted, named[:1] or plainly)
        self._next = 0


def quoted(line: str) -> str:
    """Give a line of another's as a quote of depth one; one that is quoted gets one deeper."""
    safe = plain(line.rstrip("\r")).replace("\n", "")
    if len(safe) > LONGEST_LINE:
        safe = f"{safe[:LONGEST_LINE]}..."
    mark = ">" if safe.startswith(">") else "> "
    return f"{mark}{safe}".rstrip() if safe.strip() == "" else f"{mark}{safe}"
