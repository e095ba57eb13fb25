"""Two revisions in, the fate of every patch out."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tdxreview.revisions.changes import diff_id, title_of
from tdxreview.revisions.interdiff import interdiff
from tdxreview.revisions.match import Mate, mates
from tdxreview.revisions.model import By, Comparison, Fate, Pair
from tdxreview.revisions.parts import merged_into, split_off
from tdxreview.series.model import Patch, Series

Parts = dict[int, list[int]]
"""The positions of the parts of each whole."""


def compare(old: Series, new: Series) -> Comparison:
    """Give what became of every patch of the old revision, and where the new ones come from.

    The changelog is not asked: what it says is no proof.
    """
    found = mates(old.patches, new.patches)
    pieces = _by_whole(split_off(old.patches, new.patches, found))
    sources = _by_whole(merged_into(old.patches, new.patches, found))
    pairs = [*_pairs(old, new, found, pieces, sources), *_dropped(old, found, sources)]
    return Comparison(old=old, new=new, pairs=tuple(sorted(pairs, key=_Order(found))))


def _by_whole(parts: Mapping[int, int]) -> Parts:
    wholes: Parts = defaultdict(list)
    for part, whole in parts.items():
        wholes[whole].append(part)
    return wholes


def _pairs(
    old: Series, new: Series, found: dict[int, Mate], pieces: Parts, sources: Parts
) -> Iterator[Pair]:
    placed = {at for each in pieces.values() for at in each}
    for patch in new.patches:
        mate = found.get(patch.position)
        if mate is not None:
            befores = sorted([mate.old, *sources.get(patch.position, ())])
            afters = sorted([patch.position, *pieces.get(mate.old, ())])
            yield _pair(old, new, (befores, afters), mate.by)
        elif patch.position not in placed:
            yield Pair(old=(), new=(patch.position,), fate=Fate.NEW)


def _dropped(old: Series, found: dict[int, Mate], sources: Parts) -> Iterator[Pair]:
    living = {mate.old for mate in found.values()} | {
        at for each in sources.values() for at in each
    }
    for patch in old.patches:
        if patch.position not in living:
            yield Pair(old=(patch.position,), new=(), fate=Fate.DROPPED)


def _pair(old: Series, new: Series, positions: tuple[list[int], list[int]], by: By) -> Pair:
    before = [old.patches[at - 1] for at in positions[0]]
    after = [new.patches[at - 1] for at in positions[1]]
    fate = _fate(before, after)
    return Pair(
        old=tuple(positions[0]),
        new=tuple(positions[1]),
        fate=fate,
        by=by,
        message_changed=[_message(each) for each in before] != [_message(each) for each in after],
        interdiff=() if fate is Fate.UNCHANGED else interdiff(before, after),
    )


def _fate(before: list[Patch], after: list[Patch]) -> Fate:
    if len(after) > 1:
        return Fate.SPLIT
    if len(before) > 1:
        return Fate.MERGED
    alike = diff_id(before[0].diff) == diff_id(after[0].diff)
    return Fate.UNCHANGED if alike else Fate.CHANGED


def _message(patch: Patch) -> tuple[str, str]:
    """Give what a commit message says, apart from its trailers and line breaks."""
    names = {f"{name.lower()}:" for name, _ in patch.trailers}
    said = (
        line
        for line in patch.text.split("\n")
        if line.partition(":")[0].strip().lower() + ":" not in names
    )
    return title_of(patch.subject), " ".join(" ".join(said).split())


class _Order:
    """Order pairs by the new revision; what was dropped stands behind what came before it."""

    def __init__(self, found: dict[int, Mate]) -> None:
        self._new_of = {mate.old: at for at, mate in found.items()}

    def __call__(self, pair: Pair) -> tuple[int, int, int]:
        if pair.new:
            return pair.new[0], 0, 0
        earlier = (self._new_of[at] for at in range(pair.old[0], 0, -1) if at in self._new_of)
        return next(earlier, 0), 1, pair.old[0]
