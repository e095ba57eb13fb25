"""Which lines of two texts are the same ones: patience diff, in n log n whatever comes in."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

Match = tuple[int, int]
"""Indices of a line in the old and the new text."""
_DEEPEST = 24
"""How often a stretch is divided further; what is then left counts as replaced."""
_SMALL = 2048
"""Products of lengths up to which every common line is looked for."""


class _Stretch(NamedTuple):
    old: int
    old_end: int
    new: int
    new_end: int
    depth: int = 0

    @property
    def empty(self) -> bool:
        return self.old >= self.old_end or self.new >= self.new_end

    @property
    def size(self) -> int:
        return (self.old_end - self.old) * (self.new_end - self.new)


def kept(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Give the lines that both have, as pairs of indices that rise on both sides."""
    found: list[Match] = []
    todo = [_Stretch(0, len(old), 0, len(new))]
    while todo:
        stretch = todo.pop()
        ends = _alike_ends(old, new, stretch)
        found += ends
        inner = _without(stretch, ends)
        if inner.empty:
            continue
        if inner.size <= _SMALL:
            found += _all_common(old, new, inner)
        elif inner.depth < _DEEPEST:
            fixed = _fixed(old, new, inner)
            found += fixed
            todo += _between(inner, fixed)
    return sorted(found)


def _alike_ends(old: Sequence[str], new: Sequence[str], stretch: _Stretch) -> list[Match]:
    def alike(match: Match) -> bool:
        return old[match[0]] == new[match[1]]

    forth = zip(range(stretch.old, stretch.old_end), range(stretch.new, stretch.new_end))  # noqa: B905
    head = list(takewhile(alike, forth))
    back = zip(  # noqa: B905
        range(stretch.old_end - 1, stretch.old + len(head) - 1, -1),
        range(stretch.new_end - 1, stretch.new + len(head) - 1, -1),
    )
    return [*head, *takewhile(alike, back)]


def _without(stretch: _Stretch, ends: Sequence[Match]) -> _Stretch:
    old, old_end, new, new_end, depth = stretch
    taken = set(ends)
    while (old, new) in taken:
        old, new = old + 1, new + 1
    while (old_end - 1, new_end - 1) in taken and old_end > old:
        old_end, new_end = old_end - 1, new_end - 1
    return _Stretch(old, old_end, new, new_end, depth)


def _all_common(old: Sequence[str], new: Sequence[str], stretch: _Stretch) -> list[Match]:
    low, old_end, at, new_end, _ = stretch
    pieces = SequenceMatcher(None, old[low:old_end], new[at:new_end], autojunk=False)
    return [
        (low + one + n, at + other + n)
        for one, other, size in pieces.get_matching_blocks()
        for n in range(size)
    ]


def _between(stretch: _Stretch, fixed: Sequence[Match]) -> Iterator[_Stretch]:
    """Give what lies between the fixed lines, nothing if there is none of them."""
    low, at = stretch.old, stretch.new
    for one, other in (*fixed, (stretch.old_end, stretch.new_end)) if fixed else ():
        yield _Stretch(low, one, at, other, stretch.depth + 1)
        low, at = one + 1, other + 1


def _fixed(old: Sequence[str], new: Sequence[str], stretch: _Stretch) -> list[Match]:
    """Give the lines that stand once on both sides, as far as they are in the same order."""
    low, old_end, at, new_end, _ = stretch
    there = _once(new, at, new_end)
    both = [(n, there[line]) for line, n in _once(old, low, old_end).items() if line in there]
    return _rising(both)


def _once(lines: Sequence[str], start: int, end: int) -> dict[str, int]:
    counts = Counter(lines[start:end])
    return {lines[n]: n for n in range(start, end) if counts[lines[n]] == 1}


def _rising(pairs: Sequence[Match]) -> list[Match]:
    """Give a longest run of pairs that rises on both sides (they come sorted by the first)."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for index, (_, place) in enumerate(pairs):
        at = bisect_left(tails, place)
        before.append(ends[at - 1] if at else None)
        tails[at : at + 1] = [place]
        ends[at : at + 1] = [index]
    run: list[Match] = []
    last = ends[-1] if ends else None
    while last is not None:
        run.append(pairs[last])
        last = before[last]
    return run[::-1]
