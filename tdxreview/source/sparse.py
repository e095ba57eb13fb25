"""Arithmetic of partly known files: lay a hunk over what is known, and carry it through a patch."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from msgspec import Struct

from tdxreview.source.model import Fragment, Hunk, KeptRun, KnownLine, LineKind, LineMap, SourceLine


class Edit(Struct, frozen=True):
    """A hunk in terms of the pre-image: it replaces the lines from `start` up to `end`.

    `target` is the number that its first line has in the post-image, `shown` what the hunk
    shows of the pre-image.
    """

    start: int
    end: int
    target: int
    hunk: Hunk
    shown: Fragment


def edits(hunks: Iterable[Hunk]) -> tuple[list[Edit], list[Hunk]]:
    """Give the edits in ascending order, and the hunks that overlap an earlier one."""
    accepted: list[Edit] = []
    refused: list[Hunk] = []
    for edit in sorted(map(_edit, hunks), key=lambda edit: edit.start):
        last = accepted[-1] if accepted else None
        if last and (edit.start < last.end or edit.target < last.target):
            refused.append(edit.hunk)
        else:
            accepted.append(edit)
    return accepted, refused


def _edit(hunk: Hunk) -> Edit:
    empty_before = all(line.kind is LineKind.ADDED for line in hunk.lines)
    empty_after = all(line.kind is LineKind.REMOVED for line in hunk.lines)
    # An empty side of a hunk is given by the number of the line before it.
    return edit_at(hunk, hunk.old_start + empty_before, hunk.new_start + empty_after)


def edit_at(hunk: Hunk, start: int, target: int) -> Edit:
    """Give the edit that a hunk makes at a line of the pre-image and one of the post-image."""
    old = tuple(
        KnownLine(line.text, None, None) for line in hunk.lines if line.kind is not LineKind.ADDED
    )
    shown = Fragment(start=start, known=old, section=hunk.section)
    return Edit(start, start + len(old), target, hunk, shown)


def overlaid(known: Sequence[Fragment], shown: Sequence[Fragment]) -> tuple[list[Fragment], bool]:
    """Give what is known of the pre-image once the hunks have shown their part of it.

    Both are in ascending order. A known fragment that contradicts a hunk is forgotten; the
    second value says whether none was.
    """
    agreed: list[Fragment] = []
    at = 0
    for fragment in known:
        while at < len(shown) and shown[at].end <= fragment.start:
            at += 1
        if _agrees(fragment, shown, at):
            agreed.append(fragment)
    pieces = list(agreed)
    at = 0
    for part in shown:
        while at < len(agreed) and agreed[at].end <= part.start:
            at += 1
        pieces += _uncovered(part, agreed, at)
    return joined(pieces), len(agreed) == len(known)


def _agrees(fragment: Fragment, shown: Sequence[Fragment], at: int) -> bool:
    while at < len(shown) and shown[at].start < fragment.end:
        part = shown[at]
        first, last = max(part.start, fragment.start), min(part.end, fragment.end)
        ours = fragment.known[first - fragment.start : last - fragment.start]
        theirs = part.known[first - part.start : last - part.start]
        if not all(map(same_line, ours, theirs)):
            return False
        at += 1
    return True


def same_line(one: KnownLine, other: KnownLine) -> bool:
    """Compare two lines; white space counts as one blank, since mail changes it."""
    return one.text == other.text or one.text.split() == other.text.split()


def _uncovered(piece: Fragment, known: Sequence[Fragment], at: int) -> list[Fragment]:
    parts: list[Fragment] = []
    start = piece.start
    while at < len(known) and known[at].start < piece.end:
        parts.append(_part(piece, start, known[at].start))
        start = max(start, known[at].end)
        at += 1
    parts.append(_part(piece, start, piece.end))
    return [part for part in parts if part.known]


def _part(fragment: Fragment, start: int, end: int) -> Fragment:
    known = fragment.known[start - fragment.start : max(end, start) - fragment.start]
    section = fragment.section if start == fragment.start else ""
    return Fragment(start=start, known=known, section=section)


def joined(pieces: Iterable[Fragment]) -> list[Fragment]:
    """Give the pieces in ascending order, those that touch made one; a later one wins."""
    runs: list[list[Fragment]] = []
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if runs and runs[-1][-1].end > piece.start:
            last = runs[-1].pop()
            cut = _part(last, last.start, piece.start)
            runs[-1] += [cut] if cut.known else []
        if runs and runs[-1] and runs[-1][-1].end == piece.start:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return [_one(run) for run in runs if run]


def _one(run: list[Fragment]) -> Fragment:
    if len(run) == 1:
        return run[0]
    known = tuple(chain.from_iterable(piece.known for piece in run))
    return Fragment(start=run[0].start, known=known, section=run[0].section)


class Carrier:
    """Carries known lines through the edits of one patch, in one pass from top to bottom.

    `consistent` turns false where a hunk's header puts it elsewhere than the hunks before it.
    """

    def __init__(self, before: Sequence[Fragment], patch: int) -> None:
        self.before = before
        self.patch = patch
        self.pieces: list[Fragment] = []
        self.kept: list[KeptRun] = []
        self.removed: list[SourceLine] = []
        self.consistent = True
        self._index = 0
        self._cursor = 0
        self._shift = 0

    def carry(self, todo: Iterable[Edit]) -> None:
        """Apply the edits, which stand in ascending order and lie inside known fragments."""
        for edit in todo:
            self._keep_until(edit.start)
            self._replace(edit)
        if self.before:
            self._keep_until(self.before[-1].end)

    def after(self) -> tuple[Fragment, ...]:
        """Give what is known of the post-image."""
        return tuple(joined(self.pieces))

    def line_map(self) -> LineMap:
        """Give the lines that were kept, runs that touch made one."""
        merged: list[KeptRun] = []
        for run in self.kept:
            if merged and _touch(merged[-1], run):
                merged[-1] = merged[-1]._replace(length=merged[-1].length + run.length)
            else:
                merged.append(run)
        return LineMap(tuple(merged))

    def _keep_until(self, limit: int) -> None:
        while self._index < len(self.before):
            fragment = self.before[self._index]
            start, end = max(fragment.start, self._cursor), min(fragment.end, limit)
            if start < end:
                part = _part(fragment, start, end)
                self.pieces.append(replace(part, start=start + self._shift))
                self.kept.append(KeptRun(start + self._shift, start, end - start))
            if fragment.end > limit:
                break
            self._index += 1
        self._cursor = limit

    def _replace(self, edit: Edit) -> None:
        self.consistent &= edit.target == edit.start + self._shift
        old, new = edit.start, edit.target
        piece: list[KnownLine] = []
        for line in edit.hunk.lines:
            if line.kind is LineKind.ADDED:
                piece.append(KnownLine(line.text, self.patch, line.diff_line))
                new += 1
                continue
            known = self._known(old)
            if line.kind is LineKind.REMOVED:
                self.removed.append(SourceLine(old, *known))
            else:
                piece.append(known)
                self.kept.append(KeptRun(new, old, 1))
                new += 1
            old += 1
        if piece:
            section = edit.hunk.section
            self.pieces.append(Fragment(start=edit.target, known=tuple(piece), section=section))
        self._cursor, self._shift = edit.end, new - old

    def _known(self, number: int) -> KnownLine:
        fragment = self.before[self._index]
        return fragment.known[number - fragment.start]


def _touch(one: KeptRun, other: KeptRun) -> bool:
    return (one.after + one.length, one.before + one.length) == (other.after, other.before)
