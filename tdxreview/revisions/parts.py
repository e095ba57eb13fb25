"""Patches that were split into several, or merged into one."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tdxreview.revisions.changes import telling_lines
from tdxreview.revisions.match import Mate
from tdxreview.series.model import Patch

_MOST = 0.5
"""The share of its lines that a piece has to have from the patch that it was a part of."""
_FEWEST = 2


def split_off(
    old: Sequence[Patch], new: Sequence[Patch], mates: Mapping[int, Mate]
) -> dict[int, int]:
    """Give, for new patches without a mate, the old patch that lost their lines."""
    of_old = {mate.old: at for at, mate in mates.items()}
    lost = {
        patch.position: _lost(patch, new[of_old[patch.position] - 1])
        for patch in old
        if patch.position in of_old
    }
    return dict(_wholes([patch for patch in new if patch.position not in mates], lost))


def merged_into(
    old: Sequence[Patch], new: Sequence[Patch], mates: Mapping[int, Mate]
) -> dict[int, int]:
    """Give, for old patches without a mate, the new patch that gained their lines."""
    gained = {
        patch.position: _lost(patch, old[mates[patch.position].old - 1])
        for patch in new
        if patch.position in mates
    }
    taken = {mate.old for mate in mates.values()}
    return dict(_wholes([patch for patch in old if patch.position not in taken], gained))


def _lost(patch: Patch, other: Patch) -> Counter[str]:
    return telling_lines(patch.diff) - telling_lines(other.diff)


def _wholes(pieces: Sequence[Patch], rest: Mapping[int, Counter[str]]) -> Iterator[tuple[int, int]]:
    holders: dict[str, list[int]] = defaultdict(list)
    for position, bag in rest.items():
        for line in bag:
            holders[line].append(position)
    for piece in pieces:
        own = telling_lines(piece.diff)
        shared: Counter[int] = Counter()
        for line, number in own.items():
            for position in holders.get(line, ()):
                shared[position] += min(number, rest[position][line])
        best = min(shared, key=lambda at: (-shared[at], at), default=None)
        if best is not None and shared[best] >= max(_FEWEST, _MOST * own.total()):
            yield piece.position, best
