"""States of the code judged one after the other; what a change does not reach is judged once."""

from collections.abc import Callable, Iterable, Sequence
from operator import is_
from typing import TypeVar

from msgspec import Struct

from tdxreview.facts.collect import gather, relevant
from tdxreview.facts.memo import Recall
from tdxreview.facts.model import Gathered
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.unit import units_of
from tdxreview.review.influence import reached
from tdxreview.rules.matching import Judge
from tdxreview.rules.model import Finding, RuleSet
from tdxreview.source.model import Image

Item = TypeVar("Item")


class Judged(Struct, frozen=True):
    """A state of the code with what was found in it, and what another can take over from it."""

    images: tuple[Image, ...]
    gathered: Gathered
    found: tuple[Finding, ...]
    recall: Recall

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


UNSEEN = Judged((), Gathered(()), (), Recall())
"""A state without any code."""


class Court:
    """Judges states by one set of rules."""

    def __init__(self, rules: RuleSet, abi: Abi) -> None:
        self._judge = Judge(rules)
        self._abi = abi

    def judged(self, images: Iterable[Image], since: Judged = UNSEEN) -> Judged:
        """Give what is found in a state; quick where it differs little from `since`."""
        looked_at = tuple(sorted(filter(relevant, images), key=lambda image: image.path))
        return since if since.is_of(looked_at) else self._after(since, looked_at)

    def _after(self, last: Judged, images: tuple[Image, ...]) -> Judged:
        touched = last.touched(images)
        reach = reached(last.images, images, touched, self._abi)
        recall = last.recall.turned_to(units_of(images), reach)
        paths = reach.paths | last.hanging_on(touched, definitions=reach.macros)
        fresh = gather(images, self._abi, paths, recall)
        old = last.gathered
        gathered = Gathered(
            subjects=_together(old.subjects, fresh.subjects, paths, lambda each: each.place.path),
            not_examined=_together(
                old.not_examined, fresh.not_examined, paths, lambda each: each.path or ""
            ),
        )
        found = self._judge.judge(fresh.subjects)
        kept = _together(last.found, found, paths, _path_of)
        return Judged(images, gathered, kept, recall)


def _path_of(finding: Finding) -> str:
    return finding.place.path if finding.place else ""


def _together(
    old: Iterable[Item], fresh: Iterable[Item], paths: frozenset[str], path: Callable[[Item], str]
) -> tuple[Item, ...]:
    """Give the old items of other paths and the fresh ones of these, sorted by path."""
    kept = (each for each in old if path(each) not in paths)
    return tuple(sorted((*kept, *fresh), key=path))
