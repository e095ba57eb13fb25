"""The quoted side of a reply: the diff trimmed to what a remark is about."""

from collections.abc import Iterator

from msgspec import Struct

from tdxreview.regex import regex
from tdxreview.report.plain import plain
from tdxreview.rules.model import Finding
from tdxreview.series.model import Patch
from tdxreview.source.diff import split_diff
from tdxreview.source.model import FileDiff, Hunk

SNIP = "[ ... ]"
"""Exactly what b4 takes for a mark of left-out lines; `[...]` it takes for a remark."""
BEFORE = 6
FARTHEST = 24
"""Lines back to the head of the function, which is worth its lines."""
LONGEST_PLACE = 12
LONGEST_LINE = 240
"""Characters of a quoted line, at most 960 bytes: RFC 5322 (2.1.1) allows 998."""
_HEAD = regex(r"[A-Za-z_].*\(")


class Spot(Struct, frozen=True, kw_only=True):
    """Where in a diff a remark goes: the 0-based lines of the file's, the hunk's and the code's.

    `last` is the line that the remark stands under.
    """

    file: int
    hunk: int
    start: int
    last: int


class Spots:
    """Where the diff of a patch shows what findings are about; the diff is read once."""

    def __init__(self, patch: Patch) -> None:
        self._lines: dict[tuple[str, str, int], tuple[FileDiff, Hunk, int]] = {}
        for file in split_diff(patch.diff).files:
            for hunk in file.hunks:
                if hunk.anchored:
                    self._add(file, hunk)

    def of(self, finding: Finding) -> Spot | None:
        """Give the place of a finding, or else the last step on its way that the diff shows."""
        place, side = finding.place, finding.side
        if place is None:
            return None
        if found := self._shown(side, place.path, place.line, place.end_line):
            return found
        steps = (
            self._shown(side, step.path, step.line, step.line) for step in reversed(finding.trace)
        )
        return next(filter(None, steps), None)

    def _add(self, file: FileDiff, hunk: Hunk) -> None:
        for at, line in enumerate(hunk.lines):
            if line.new is not None and file.new_path:
                self._lines.setdefault(("after", file.new_path, line.new), (file, hunk, at))
            if line.old is not None and file.old_path:
                self._lines.setdefault(("before", file.old_path, line.old), (file, hunk, at))

    def _shown(self, side: str, path: str, first: int, end: int) -> Spot | None:
        found = self._lines.get((side, path, first))
        if found is None:
            return None
        file, hunk, at = found
        last = hunk.lines[at]
        for line in hunk.lines[at : at + LONGEST_PLACE]:
            number = line.old if side == "before" else line.new
            if number is not None and number <= end:
                last = line
        return Spot(
            file=file.diff_line,
            hunk=hunk.diff_line,
            start=_start(hunk, at),
            last=last.diff_line,
        )


def _start(hunk: Hunk, at: int) -> int:
    """Give where to begin: at the head of the function if that is near, else a little before."""
    for line in reversed(hunk.lines[max(at + 1 - FARTHEST, 0) : at + 1]):
        if _HEAD.match(line.text):
            return line.diff_line
    return hunk.lines[max(at + 1 - BEFORE, 0)].diff_line


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
