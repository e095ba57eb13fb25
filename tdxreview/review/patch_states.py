"""A series tried patch by patch: what each one brings, and what a later one repairs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.facts.conversation.schema import Repaired, Window
from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.removed import AnyLoss, losses, may_lose, still_missing
from tdxreview.facts.trap.removed import gather_changes
from tdxreview.kernel.knowledge import Abi
from tdxreview.review.blame import all_existing, blame
from tdxreview.review.incremental import UNSEEN, Court
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Finding, Origin, RuleSet, Severity
from tdxreview.rules.telling import judge_told
from tdxreview.source.model import Image, PatchState
from tdxreview.source.place import NOWHERE as NO_PLACE
from tdxreview.store import NOWHERE, Store

REPORTED = (Origin.NEW, Origin.AFFECTED)


class Stage(Struct, frozen=True):
    """One patch with what was found in the state that it creates.

    `blamed` are the findings with their origins. `taken` is the part of what was found that only
    hunks show, by what they take away; `losses` are protections that there were before.
    """

    state: PatchState
    images: Mapping[str, Image]
    gathered: Gathered
    found: tuple[Finding, ...]
    blamed: tuple[Finding, ...]
    taken: tuple[Finding, ...] = ()
    losses: tuple[AnyLoss, ...] = ()


class Trial:
    """Tries the patches of a series, each on what those before it left.

    `around` is the code that is known beside the series. With a `store` it is that of a tree:
    what is found there before the first patch is taken from the store, or kept in it.
    """

    def __init__(
        self, rules: RuleSet, abi: Abi, around: Mapping[str, Image], store: Store | None = None
    ) -> None:
        self._rules = rules
        self._abi = abi
        self._on_tree = store is not None
        self._court = Court(rules, abi, store or NOWHERE, standing=store is None)
        self._around = dict(around)
        self._last = UNSEEN

    def stages(self, states: Iterable[PatchState]) -> Iterator[Stage]:
        """Give a stage for each state, in their order.

        A patch that does not apply leaves nothing behind: the next one that does is judged
        against the state before it, the next one that does not against what its hunks showed.
        """
        last: Stage | None = None
        standing: Stage | None = None
        for state in states:
            last = self._stage(state, last if state.problem else standing)
            standing = standing if state.problem else last
            yield last

    def _stage(self, state: PatchState, last: Stage | None) -> Stage:
        before = _images_before(state, last.images if last else self._around)
        if not state.problem:
            for path in {change.before.path for change in state.changes if change.before}:
                self._around.pop(path, None)
        images = self._around | dict(state.images)
        if self._on_tree and self._last is UNSEEN and not state.problem:
            self._last = self._court.judged_first(before.values())
        since = self._last
        after = self._last = self._court.judged(images.values(), since)
        carried = _carried(state, last.taken if last else ())
        taken = (*carried, *self._judged(gather_changes(state.changes, self._abi).subjects))
        known = (*last.found, *carried) if last else ()
        weaker: tuple[AnyLoss, ...] = ()
        if may_lose(state.changes) or not all_existing(
            known, (*after.found, *taken), state.changes
        ):
            earlier = self._court.judged(before.values(), since)
            known = (*earlier.found, *carried)
            weaker = losses(earlier.gathered, after.gathered, state.changes)
        missing = (*still_missing(last.losses if last else (), after.gathered), *weaker)
        fresh = (*after.found, *taken, *self._judged(loss.subject for loss in weaker))
        return Stage(
            state=state,
            images=images,
            gathered=after.gathered,
            found=(*after.found, *taken, *self._judged(loss.subject for loss in missing)),
            blamed=_blamed(state, known, fresh),
            taken=taken,
            losses=missing,
        )

    @property
    def remembers(self) -> bool:
        """Tell whether something that it found is known from an earlier run."""
        return self._court.remembers

    def _judged(self, subjects: Iterable[Subject]) -> tuple[Finding, ...]:
        return judge(subjects, self._rules)


def _carried(state: PatchState, taken: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Give what earlier hunks showed to be broken, in files that this patch does not touch."""
    touched = {change.before.path for change in state.changes if change.before}
    return tuple(each for each in taken if each.place and each.place.path not in touched)


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


def settled(stages: Sequence[Stage], rules: RuleSet) -> tuple[Finding, ...]:
    """Give what is reported, worst first: what a later patch repairs is a note on the earlier.

    The note is that of the rule about windows, where `rules` have one.
    """
    return in_order(
        finding if repair is None else _noted(finding, repair, rules)
        for finding, repair in _reported(stages)
    )


def windows(stages: Sequence[Stage]) -> tuple[Window, ...]:
    """Give the stretches of the series in which a defect lives that a later patch repairs."""
    return tuple(
        _window(finding, repair)
        for finding, repair in _reported(stages)
        if repair is not None and _is_mended(finding, repair)
    )


def _reported(stages: Sequence[Stage]) -> Iterator[tuple[Finding, Stage | None]]:
    """Give each finding with the later patch that repairs it, if one does."""
    for index, stage in enumerate(stages):
        for finding in stage.blamed:
            if finding.origin in REPORTED:
                yield finding, _repair(finding, stage, stages[index + 1 :])


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give findings worst first, then by patch and place."""
    return tuple(sorted(findings, key=_order))


def _repair(finding: Finding, own: Stage, later: Sequence[Stage]) -> Stage | None:
    """Give the later patch that repairs it; one that does not apply repairs only its like."""
    alike = (stage for stage in later if bool(stage.state.problem) is bool(own.state.problem))
    return next((stage for stage in alike if not _has(stage, finding)), None)


def _has(stage: Stage, finding: Finding) -> bool:
    """Tell whether a state still has what was found, be it in a file that got another name."""
    lost = finding.place is not None and finding.place.path not in stage.images
    same = (finding.rule, finding.function, finding.message)
    return any(
        other.fingerprint == finding.fingerprint
        or (lost and (other.rule, other.function, other.message) == same)
        for other in stage.found
    )


def _is_mended(finding: Finding, repair: Stage) -> bool:
    """Tell a repair from a change that leaves the function with another finding of the rule."""
    return all(
        (other.rule, other.function) != (finding.rule, finding.function) for other in repair.found
    )


def _noted(finding: Finding, repair: Stage, rules: RuleSet) -> Finding:
    """Give the note on what is repaired later; its fingerprint and its way there stay."""
    windowed = [_window(finding, repair)] if _is_mended(finding, repair) else []
    told = next(iter(judge_told(windowed, rules)), None)
    if told is None:
        repaired = f"{finding.message} (until patch {repair.state.patch.label} repairs it)"
        return replace(
            finding, severity=Severity.NOTE, message=repaired, repaired_by=_counter(repair)
        )
    return replace(
        told,
        trace=finding.trace,
        fingerprint=finding.fingerprint,
        origin=finding.origin,
        side=finding.side,
        repaired_by=_counter(repair),
    )


def _counter(stage: Stage) -> str:
    """Give the counter that people know a patch by."""
    return stage.state.patch.label.partition("/")[0].lstrip("0")


def _window(finding: Finding, repair: Stage) -> Window:
    return Window(
        place=finding.place or NO_PLACE,
        function=finding.function,
        patch=finding.patch,
        gravity=Repaired(finding.severity.value),
        defect=finding.message,
        defect_rule=finding.rule,
        repaired_by=repair.state.patch.label,
    )


def _order(finding: Finding) -> tuple[int, int, str, int, str]:
    place = finding.place
    return (
        list(Severity).index(finding.severity),
        finding.patch or 0,
        place.path if place else "",
        place.line if place else 0,
        finding.rule,
    )


def still_wrong(last: Stage, reported: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give the errors of the series that its last state still has, where they stand there."""
    errors = {item.fingerprint for item in reported if item.severity is Severity.ERROR}
    return tuple(finding for finding in last.found if finding.fingerprint in errors)


def count_older(stages: Sequence[Stage]) -> int:
    """Count what the series met and did not do; what it did is told where it did it."""
    met: dict[bool, set[str]] = {True: set(), False: set()}
    for stage in stages:
        for finding in stage.blamed:
            met[finding.origin in REPORTED].add(finding.fingerprint)
    return len(met[False] - met[True])
