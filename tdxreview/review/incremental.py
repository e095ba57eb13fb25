"""States of the code judged one after the other; what a change does not reach is judged once."""

from collections.abc import Callable, Iterable, Sequence
from operator import is_
from typing import TypeVar

from msgspec import Struct

from tdxreview.facts.collect import add_ways, gather, relevant
from tdxreview.facts.memo import Reach, Recall
from tdxreview.facts.model import Gathered
from tdxreview.facts.trap.collect import assembly_inputs, gather_assembly
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.effort import effort
from tdxreview.program.unit import units_of
from tdxreview.review.influence import reached
from tdxreview.review.kept_state import Keeper, Standing
from tdxreview.rules.matching import Judge
from tdxreview.rules.model import Finding, RuleSet
from tdxreview.source.model import Image
from tdxreview.store import NOWHERE, Store

Item = TypeVar("Item")


class Judged(Struct, frozen=True):
    """A state of the code with what was found in it, and what another can take over from it.

    `routines` are what of `gathered` the assembly gave, None where that is not known.
    """

    images: tuple[Image, ...]
    gathered: Gathered
    found: tuple[Finding, ...]
    recall: Recall
    routines: Gathered | None = None

    def is_of(self, images: Sequence[Image]) -> bool:
        """Tell whether these very images were judged; unchanged files are the same objects."""
        return len(images) == len(self.images) and all(map(is_, images, self.images))

    def touched(self, images: Sequence[Image]) -> frozenset[str]:
        """Give the paths of the files that are not the same in another state."""
        own = {image.path: image for image in self.images}
        other = {image.path: image for image in images}
        return frozenset(path for path in own | other if own.get(path) is not other.get(path))

    def hanging_on(self, touched: frozenset[str], *, definitions: bool) -> frozenset[str]:
        """Give the paths of subjects that tell of lines in touched files.

        With `definitions` also those of what stands at file level: such are compared with each
        other.
        """
        return frozenset(
            subject.place.path
            for subject in self.gathered.subjects
            if (definitions and not subject.function)
            or any(line.path in touched for line in subject.lines())
        )


UNSEEN = Judged((), Gathered(()), (), Recall(), Gathered(()))
"""A state without any code."""


class Change(Struct, frozen=True):
    """What a state changes in the one before it: the facts of some files, as they are now."""

    paths: frozenset[str]
    fresh: Gathered


UNCHANGED = Change(frozenset(), Gathered(()))


class Court:
    """Judges states by one set of rules.

    Of code that is not `standing`, but what a series makes of a tree, only what the series adds
    is said to be out of sight. `store` keeps what is found in a whole tree for the next run.
    """

    def __init__(
        self, rules: RuleSet, abi: Abi, store: Store = NOWHERE, *, standing: bool = True
    ) -> None:
        self._judge = Judge(rules)
        self._abi = abi
        self._standing = standing
        self._wanted = rules.wanted
        self._keeper = Keeper(abi, store, standing=standing, wanted=self._wanted)

    @property
    def remembers(self) -> bool:
        """Tell whether something that it found is known from an earlier run."""
        return self._keeper.used

    def judged_first(self, images: Iterable[Image]) -> Judged:
        """Give what is found in a state of a tree that nothing came before."""
        looked_at = _looked_at(images)
        known = self._keeper.known(looked_at)
        if known is not None:
            found = self._judge.judge(known.gathered.subjects)
            return Judged(looked_at, known.gathered, found, known.recall, known.routines)
        left = effort().left
        judged, _ = self._after(UNSEEN, looked_at)
        standing = Standing(judged.gathered, judged.recall, judged.routines)
        self._keeper.keep(looked_at, standing, left - effort().left)
        return judged

    def judged(self, images: Iterable[Image], since: Judged = UNSEEN) -> Judged:
        """Give what is found in a state; quick where it differs little from `since`."""
        return self.step(images, since)[0]

    def step(self, images: Iterable[Image], since: Judged) -> tuple[Judged, Change]:
        """Give what is found in a state, and what of it is not as it was in `since`."""
        looked_at = _looked_at(images)
        return (since, UNCHANGED) if since.is_of(looked_at) else self._after(since, looked_at)

    def changed(self, images: Iterable[Image], since: Judged, change: Change) -> Judged:
        """Give a state by what another process found to be changed in it."""
        looked_at = _looked_at(images)
        gathered = _merged(since.gathered, change.fresh, change.paths)
        found = self._judge.judge(change.fresh.subjects)
        kept = _together(since.found, found, change.paths, _path_of)
        return Judged(looked_at, gathered, kept, Recall())

    def _after(self, last: Judged, images: tuple[Image, ...]) -> tuple[Judged, Change]:
        touched = last.touched(images)
        if last.images:
            reach = reached(last.images, images, touched, self._abi)
        else:
            reach = Reach(paths=touched, names=frozenset())
        recall = last.recall.turned_to(units_of(images), reach)
        paths = reach.paths | last.hanging_on(touched, definitions=reach.macros)
        routines = self._routines(last, images, paths, None if reach.macros else touched)
        fresh = gather(
            images,
            self._abi,
            paths,
            recall,
            standing=self._standing,
            routines=None if routines is None else _of_paths(routines, paths),
        )
        if self._wanted:
            fresh = add_ways(fresh, images, self._abi, paths, self._wanted)
        gathered = _merged(last.gathered, fresh, paths)
        found = self._judge.judge(fresh.subjects)
        kept = _together(last.found, found, paths, _path_of)
        return Judged(images, gathered, kept, recall, routines), Change(paths, fresh)

    def _routines(
        self,
        last: Judged,
        images: tuple[Image, ...],
        paths: frozenset[str],
        touched: frozenset[str] | None,
    ) -> Gathered | None:
        """Give the routines of all files; without `touched` they may differ in all of `paths`."""
        if last.routines is None or assembly_inputs(last.images) != assembly_inputs(images):
            touched = None
        of = paths if touched is None else touched
        try:
            fresh = gather_assembly(images, self._abi, of)
        except RecursionError:
            return None
        return _merged(last.routines or Gathered(()), fresh, of)


def _looked_at(images: Iterable[Image]) -> tuple[Image, ...]:
    return tuple(sorted(filter(relevant, images), key=lambda image: image.path))


def _path_of(finding: Finding) -> str:
    return finding.place.path if finding.place else ""


def _merged(old: Gathered, fresh: Gathered, paths: frozenset[str]) -> Gathered:
    """Give the fresh facts of some files, and the old ones of all others."""
    return Gathered(
        subjects=_together(old.subjects, fresh.subjects, paths, lambda each: each.place.path),
        not_examined=_together(
            old.not_examined, fresh.not_examined, paths, lambda each: each.path or ""
        ),
    )


def _of_paths(gathered: Gathered, paths: frozenset[str]) -> Gathered:
    return Gathered(
        tuple(each for each in gathered.subjects if each.place.path in paths),
        tuple(each for each in gathered.not_examined if each.path in paths),
    )


def _together(
    old: Iterable[Item], fresh: Iterable[Item], paths: frozenset[str], path: Callable[[Item], str]
) -> tuple[Item, ...]:
    """Give the old items of other paths and the fresh ones of these, sorted by path."""
    kept = (each for each in old if path(each) not in paths)
    return tuple(sorted((*kept, *fresh), key=path))
