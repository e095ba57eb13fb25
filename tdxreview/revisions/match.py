"""Which patch of the old revision became which of the new one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tdxreview.revisions.changes import bare_title, diff_id, telling_lines, title_of
from tdxreview.revisions.model import By
from tdxreview.series.model import Patch

_WIDESPREAD = 8
"""Patches that may hold a line or word before it tells nothing any more."""
_LEAST = 0.35
"""Likeness below which two patches are not the same one."""
_WEIGHT = 0.7
"""What the lines of the diff count, beside the words of the title."""
_TITLE_WORDS = 2


class Mate(NamedTuple):
    """The patch of the old revision that a new one comes from, and what shows it."""

    old: int
    by: By


def mates(old: Sequence[Patch], new: Sequence[Patch]) -> dict[int, Mate]:
    """Give, by position of the new patch, the old patch that it is a version of.

    The order of evidence is change-id, diff and subject, diff, subject, likeness. Each patch has
    one mate at most.
    """
    found: dict[int, Mate] = {}
    before, after = list(old), list(new)
    for by, key in _KEYS:
        pairs = list(_alike_by(key, before, after))
        found |= {there.position: Mate(here.position, by) for here, there in pairs}
        before, after = (
            _without(before, (here for here, _ in pairs)),
            _without(after, (there for _, there in pairs)),
        )
    found |= {there: Mate(here, By.LIKENESS) for here, there in _likest(before, after)}
    return found


def _without(patches: Sequence[Patch], taken: Iterable[Patch]) -> list[Patch]:
    positions = {patch.position for patch in taken}
    return [patch for patch in patches if patch.position not in positions]


def _change_id(patch: Patch) -> str | None:
    return next((value for name, value in patch.trailers if name.lower() == "change-id"), None)


def _known_title(patch: Patch) -> str | None:
    title = bare_title(patch.subject)
    return title if len(title.split()) >= _TITLE_WORDS else None


_KEYS: tuple[tuple[By, Callable[[Patch], str | None]], ...] = (
    (By.CHANGE_ID, _change_id),
    (By.DIFF, lambda patch: f"{diff_id(patch.diff)} {title_of(patch.subject)}"),
    (By.DIFF, lambda patch: diff_id(patch.diff)),
    (By.SUBJECT, lambda patch: title_of(patch.subject) or None),
    (By.SUBJECT, _known_title),
)


def _alike_by(
    key: Callable[[Patch], str | None], old: Iterable[Patch], new: Iterable[Patch]
) -> Iterator[tuple[Patch, Patch]]:
    """Give patches with the same key, in the order in which they come."""
    waiting: dict[str, list[Patch]] = defaultdict(list)
    for patch in old:
        if name := key(patch):
            waiting[name].append(patch)
    for patch in new:
        name = key(patch)
        if name and waiting[name]:
            yield waiting[name].pop(0), patch


def _likest(old: Sequence[Patch], new: Sequence[Patch]) -> Iterator[tuple[int, int]]:
    """Give the most alike first; who has a mate is not asked again."""
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for likeness, here, there in sorted(_scores(old, new), key=lambda each: (-each[0], each[1:])):
        if likeness >= _LEAST and here not in taken_old and there not in taken_new:
            taken_old.add(here)
            taken_new.add(there)
            yield here, there


def _scores(old: Sequence[Patch], new: Sequence[Patch]) -> Iterator[tuple[float, int, int]]:
    lines = {patch.position: telling_lines(patch.diff) for patch in old}
    words = {patch.position: _words(patch) for patch in old}
    by_line, by_word = _holders(lines), _holders(words)
    for patch in new:
        own, title = telling_lines(patch.diff), _words(patch)
        near = {at for line in own for at in by_line.get(line, ())}
        near |= {at for word in title for at in by_word.get(word, ())}
        for at in near:
            yield (
                _WEIGHT * _dice(lines[at], own) + (1 - _WEIGHT) * _dice(words[at], title),
                at,
                patch.position,
            )


def _words(patch: Patch) -> Counter[str]:
    return Counter(set(bare_title(patch.subject).split()))


def _holders(bags: dict[int, Counter[str]]) -> dict[str, list[int]]:
    """Give the patches that hold each line, for the lines that few patches hold."""
    holders: dict[str, list[int]] = defaultdict(list)
    for position, bag in bags.items():
        for line in bag:
            holders[line].append(position)
    return {line: at for line, at in holders.items() if len(at) <= _WIDESPREAD}


def _dice(one: Counter[str], other: Counter[str]) -> float:
    both = one.total() + other.total()
    return 2 * (one & other).total() / both if both else 0.0
