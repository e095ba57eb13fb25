"""A series tried patch by patch: what each one brings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.removed import AnyLoss, compared, losses, may_lose, still_missing
from tdxreview.kernel.knowledge import Abi
from tdxreview.review.blame import blame
from tdxreview.review.incremental import UNSEEN, Court, Judged
from tdxreview.review.side_by_side import SideBySide
from tdxreview.review.succession import Passage, Succession
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Finding, Origin, RuleSet, Severity
from tdxreview.source.model import Image, PatchState
from tdxreview.store import NOWHERE, Store

REPORTED = (Origin.NEW, Origin.AFFECTED)


class Stage(Struct, frozen=True):
    """One patch with what was found in the state that it creates.

    `blamed` are the findings with their origins, `fresh` the same without. `taken` is the part of
    what was found that only hunks show, by what they take away; `losses` are protections that
    there were before, `missed` what is found of them. `passage` is the way of the findings of the
    state before into this one.
    """

    state: PatchState
    images: Mapping[str, Image]
    gathered: Gathered
    found: tuple[Finding, ...]
    blamed: tuple[Finding, ...]
    fresh: tuple[Finding, ...]
    passage: Passage
    taken: tuple[Finding, ...] = ()
    losses: tuple[AnyLoss, ...] = ()
    missed: tuple[Finding, ...] = ()


class Trial:
    """Tries the patches of a series, each on what those before it left.

    `around` is the code that is known beside the series. With a `store` it is that of a tree:
    what is found there before the first patch is taken from the store, or kept in it. A long
    series is judged by so many processes as `jobs` says.
    """

    def __init__(
        self,
        rules: RuleSet,
        abi: Abi,
        around: Mapping[str, Image],
        store: Store | None = None,
        jobs: int = 1,
    ) -> None:
        self._rules = rules
        self._abi = abi
        self._on_tree = store is not None
        self._court = Court(rules, abi, store or NOWHERE, standing=store is None)
        self._around = dict(around)
        self._last = UNSEEN
        self._jobs = jobs
        self._others: SideBySide | None = None

    def stages(self, states: Iterable[PatchState]) -> Iterator[Stage]:
        """Give a stage for each state, in their order.

        A patch that does not apply leaves nothing behind: the next one that does is judged
        against the state before it, the next one that does not against what its hunks showed.
        """
        last: Stage | None = None
        standing: Stage | None = None
        with ExitStack() as stack:
            known = tuple(states) if self._jobs > 1 else states
            for number, state in enumerate(known):
                if number == 1 and isinstance(known, tuple):
                    self._others = stack.enter_context(self._shared(known))
                last = self._stage(number, state, last if state.problem else standing)
                standing = standing if state.problem else last
                yield last

    def _shared(self, states: Sequence[PatchState]) -> SideBySide:
        """Give what judges the states with other processes."""
        around = dict(self._around)
        images = [tuple(_images_after(state, around).values()) for state in states]
        return SideBySide(self._court, self._last, images, self._jobs)

    def _stage(self, number: int, state: PatchState, last: Stage | None) -> Stage:
        before = _images_before(state, last.images if last else self._around)
        images = _images_after(state, self._around)
        if self._on_tree and self._last is UNSEEN and not state.problem:
            self._last = self._court.judged_first(before.values())
        since = self._last
        after = self._last = self._after(number, tuple(images.values()))
        carried = _carried(state, last.taken if last else ())
        shown = self._judged(compared(state.changes, after.images, self._abi).subjects)
        own = tuple(_unshadowed(after.found, shown))
        taken = (*carried, *_untold(shown, own))
        known = (*last.found, *carried) if last else ()
        weaker: tuple[AnyLoss, ...] = ()
        if may_lose(state.changes) or not Succession(known, (*own, *taken), state.changes).is_still:
            earlier = self._court.judged(before.values(), since)
            known = (*earlier.found, *carried)
            weaker = losses(earlier.gathered, after.gathered, state.changes)
        still = still_missing(last.losses if last else (), after.gathered)
        weakened = self._judged(loss.subject for loss in weaker)
        missed = (*self._judged(loss.subject for loss in still), *weakened)
        fresh = (*own, *taken, *weakened)
        found = (*own, *taken, *missed)
        return Stage(
            state=state,
            images=images,
            gathered=after.gathered,
            found=found,
            blamed=_blamed(state, known, fresh),
            fresh=fresh,
            passage=Passage(
                last.found if last else (),
                (*known, *(last.missed if last else ())),
                found,
                state.changes,
            ),
            taken=taken,
            losses=(*still, *weaker),
            missed=missed,
        )

    def _after(self, number: int, images: Sequence[Image]) -> Judged:
        if self._others is None:
            return self._court.judged(images, self._last)
        return self._others.judged(number, images, self._last)

    @property
    def hangs_on_others(self) -> bool:
        """Tell whether something was found by an earlier run, or by another process."""
        return self._court.remembers or (self._others is not None and self._others.shared)

    @property
    def failed(self) -> bool:
        """Tell whether another process could not do its part."""
        return self._others is not None and self._others.failed

    def _judged(self, subjects: Iterable[Subject]) -> tuple[Finding, ...]:
        return judge(subjects, self._rules)


def _carried(state: PatchState, taken: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Give what earlier hunks showed to be broken, in files that this patch does not touch."""
    touched = {change.before.path for change in state.changes if change.before}
    return tuple(each for each in taken if each.place and each.place.path not in touched)


def _unshadowed(found: Iterable[Finding], shown: Iterable[Finding]) -> Iterator[Finding]:
    """Give what was found, without notes on what the two sides of a hunk show to be graver."""
    graver = {(each.rule, each.place) for each in shown}
    for each in found:
        if each.severity is not Severity.NOTE or (each.rule, each.place) not in graver:
            yield each


def _untold(shown: Iterable[Finding], found: Sequence[Finding]) -> Iterator[Finding]:
    """Give what the two sides of a hunk show and the state after it does not show by itself."""
    loud = [each for each in found if each.severity is not Severity.NOTE and each.place]
    told = {(each.rule, each.place.path, each.function) for each in loud if each.place}
    lines = {(each.family, each.place.path, each.place.line) for each in loud if each.place}
    for each in shown:
        place = each.place
        if place and (each.rule, place.path, each.function) in told:
            continue
        if not place or (each.family, place.path, place.line) not in lines:
            yield each


def _images_after(state: PatchState, around: dict[str, Image]) -> dict[str, Image]:
    """Give all code after a patch; what it has touched is taken out of the code `around`."""
    if not state.problem:
        for path in {change.before.path for change in state.changes if change.before}:
            around.pop(path, None)
    return around | dict(state.images)


def _images_before(state: PatchState, earlier: Mapping[str, Image]) -> dict[str, Image]:
    """Give the pre-images with all that this patch reveals of them."""
    images = dict(earlier)
    for change in state.changes:
        if change.after is not None:
            images.pop(change.after.path, None)
        if change.before is not None:
            images[change.before.path] = change.before
    return images


def _blamed(
    state: PatchState, before: Sequence[Finding], after: Sequence[Finding]
) -> tuple[Finding, ...]:
    """Give each finding of the state after the patch its origin, and the patch."""
    return tuple(
        replace(finding, patch=state.patch.position)
        for finding in blame(before, after, state.changes)
    )
