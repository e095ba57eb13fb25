"""Which line after a patch stands for a line before it, and which names the patch exchanges."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from itertools import islice
from operator import attrgetter
from sys import maxsize
from typing import NamedTuple

from tdxreview.regex import regex
from tdxreview.source.follow import Spot
from tdxreview.source.model import Change, KeptRun, SourceLine

ALIKE = 0.6
"""How much of two lines has to be the same for one to stand for the other, of 1."""
NEAR = 40
"""How many added lines of one block are held against a removed one."""
LENGTH = 160
"""How many characters of a line are compared."""
PAIRS = 4_000
"""How many lines of a patch are searched for names that it exchanges."""
_WORDS = regex(r"\w+|\W")
_NAME = regex(r"[A-Za-z_]\w*")


class Rename(NamedTuple):
    """A name that stands where another one stood."""

    old: str
    new: str


class Counterparts:
    """The lines around the patch of these changes, held against each other."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._sides: dict[str, _Sides] = {}
        for change in changes:
            if change.before is None:
                continue
            path = change.before.path
            if path not in self._sides or (change.after and change.after.path == path):
                self._sides[path] = _Sides(change)

    def after(self, spot: Spot) -> Spot | None:
        """Return the line that stands for `spot` after the patch; None where it went for good.

        It is the line itself where the patch left it alone, else the most similar one of those
        that were put in its place.
        """
        sides = self._sides.get(spot.path)
        if sides is None:
            return spot
        after = sides.change.after
        line = sides.change.kept.after(spot.line) or sides.replacement(spot.line)
        return Spot(after.path, line) if after and line else None

    @cached_property
    def renames(self) -> frozenset[Rename]:
        """The names that the patch exchanges in lines that are otherwise the same."""
        return frozenset(rename for _, _, rename in self._exchanges)

    @cached_property
    def renamed_definitions(self) -> frozenset[Rename]:
        """Those of `renames` that are made where something is defined, at the left margin."""
        return frozenset(
            rename
            for old, new, rename in self._exchanges
            if not old[:1].isspace() and not new[:1].isspace()
        )

    @cached_property
    def _exchanges(self) -> tuple[tuple[str, str, Rename], ...]:
        pairs = (pair for sides in self._sides.values() for pair in sides.pairs())
        return tuple(
            (old, new, each)
            for old, new in islice(pairs, PAIRS)
            for each in exchanged(old.strip(), new.strip()) or ()
        )


class _Sides:
    """What a patch took from a file and what it put there, in ascending order."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self._removed = change.removed
        self._added = change.added

    def replacement(self, line: int) -> int | None:
        """Return the number of the added line that stands for a removed one."""
        removed, added = self._block(line)
        text = next((each.text for each in removed if each.number == line), None)
        like = _most_alike(text, added) if text is not None else None
        return like.number if like else None

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Iterate over the removed lines with those that stand for them."""
        at = 0
        while at < len(self._removed):
            removed, added = self._block(self._removed[at].number)
            at += len(removed)
            if len(removed) == len(added):
                yield from ((a.text, b.text) for a, b in zip(removed, added, strict=True))
            elif len(removed) <= NEAR:
                like = ((each, _most_alike(each.text, added)) for each in removed)
                yield from ((old.text, new.text) for old, new in like if new)

    def _block(self, line: int) -> tuple[Sequence[SourceLine], Sequence[SourceLine]]:
        """Return the removed lines around `line` without a kept one between, and their likes."""
        runs = self.change.kept.runs
        index = bisect_right(runs, line, key=lambda run: run.before)
        last = runs[index - 1] if index else KeptRun(0, 0, 0)
        following = runs[index] if index < len(runs) else KeptRun(maxsize, maxsize, 0)
        return (
            _between(self._removed, last.before + last.length, following.before),
            _between(self._added, last.after + last.length, following.after),
        )


def _between(lines: Sequence[SourceLine], start: int, end: int) -> Sequence[SourceLine]:
    number = attrgetter("number")
    return lines[bisect_left(lines, start, key=number) : bisect_left(lines, end, key=number)]


def _most_alike(text: str, lines: Sequence[SourceLine]) -> SourceLine | None:
    """Return the line most similar to `text`, the first one of several."""
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(text.strip()[:LENGTH])
    best, found = ALIKE, None
    for line in lines[:NEAR]:
        matcher.set_seq1(line.text.strip()[:LENGTH])
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
            ratio = matcher.ratio()
            if ratio > best:
                best, found = ratio, line
    return found


def exchanged(old: str, new: str) -> frozenset[Rename] | None:
    """Return the names by which two texts differ; None where they differ in more."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if len(before) != len(after):
        return None
    pairs = {Rename(a, b) for a, b in zip(before, after, strict=True) if a != b}
    if all(_NAME.fullmatch(a) and _NAME.fullmatch(b) for a, b in pairs):
        return frozenset(pairs)
    return None
