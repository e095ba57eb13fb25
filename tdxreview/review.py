"""The pipeline: messages in, a review out. The one place that names all stages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tdxreview.errors import NothingToReviewError
from tdxreview.facts.abi import Abi
from tdxreview.facts.assembly.changed import gather_changes
from tdxreview.facts.model import Gathered
from tdxreview.facts.weakened import Loss, lost, may_weaken, still_lost
from tdxreview.mail.intake import Intake
from tdxreview.report.inventory import excerpt, site_rows
from tdxreview.report.model import CodeLine, Depth, PatchRow, Review
from tdxreview.rules.court import Court
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Finding, Origin, RuleSet, Severity
from tdxreview.rules.origin import all_existing, blame
from tdxreview.series.build import build_series, choose
from tdxreview.series.model import Patch, Series
from tdxreview.source.images import walk
from tdxreview.source.model import Image, NotExamined, PatchState
from tdxreview.source.tree import Base

REPORTED = (Origin.NEW, Origin.AFFECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What a review judges by: the rules, and what is known of TDX."""

    rules: RuleSet
    abi: Abi


@dataclass(frozen=True, slots=True)
class _Stage:
    """One patch with what was found in the state that it creates.

    `taken` is the part of what was found that only the hunks show, by what they take away.
    """

    state: PatchState
    images: Mapping[str, Image]
    gathered: Gathered
    found: tuple[Finding, ...]
    blamed: tuple[Finding, ...]
    taken: tuple[Finding, ...]


def review(
    intake: Intake,
    knowledge: Knowledge,
    *,
    revision: int | None = None,
    find_base: Callable[[Series], Base] | None = None,
    on_patch: Callable[[int, int], None] = lambda _done, _all: None,
) -> Review:
    """Review the newest complete revision in `intake`, or the one that `revision` names.

    With `find_base` the series is put on the tree that it gives, at depth "tree".
    `on_patch` is told after each patch how many of how many are done. Raises
    NothingToReviewError where no patch is in the input, UsageError where the revision is not.
    """
    series = _chosen(intake, revision)
    base = find_base(series) if find_base else None
    stages = _stages(_ground(series, base), knowledge, on_patch)
    findings = _settled(stages)
    last = stages[-1]
    return Review(
        taken_for=intake.taken_for,
        depth=Depth.TREE if base else Depth.PATCH,
        base=(base.tree.name, base.why) if base else None,
        series=series,
        patches=tuple(_patch_row(stage.state) for stage in stages),
        sites=site_rows(last.gathered, last.images, _still_wrong(last, findings)),
        findings=findings,
        excerpts=tuple(_excerpt(finding, stages) for finding in findings),
        not_examined=_not_examined(intake, series, stages),
        hidden_existing=_hidden(stages),
    )


def _chosen(intake: Intake, revision: int | None) -> Series:
    found = build_series(intake.messages)
    if not any(series.patches for series in found):
        raise NothingToReviewError(
            f"{intake.taken_for} holds no patch; give a patch, a mailbox with one, or a git range"
        )
    return choose(found, revision)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a series is judged on: the states that its patches create, and the code around."""

    states: Iterator[PatchState]
    around: Mapping[str, Image]
    count: int


def _ground(series: Series, base: Base | None) -> _Ground:
    if base is None:
        return _Ground(walk(series), {}, len(series.patches))
    from tdxreview.source.apply import applied
    from tdxreview.source.ground import host_images

    return _Ground(applied(series, base.tree), host_images(base.tree), len(series.patches))


def _stages(
    ground: _Ground, knowledge: Knowledge, on_patch: Callable[[int, int], None]
) -> tuple[_Stage, ...]:
    stages: list[_Stage] = []
    court = Court(knowledge.rules, knowledge.abi)
    around, images = dict(ground.around), dict(ground.around)
    known: tuple[Finding, ...] = ()
    missing: tuple[Loss, ...] = ()
    for state in ground.states:
        before = _images_before(state, images)
        for path in {change.before.path for change in state.changes if change.before}:
            around.pop(path, None)
        images = around | dict(state.images)
        after = court.judged(images.values())
        carried = _carried(state, stages[-1].taken if stages else ())
        taken = (*carried, *_taken_away(state, knowledge))
        weaker: tuple[Loss, ...] = ()
        if may_weaken(state.changes) or not all_existing(
            known, (*after.found, *taken), state.changes
        ):
            earlier = court.judged(before.values())
            known = (*earlier.found, *carried)
            weaker = lost(earlier.gathered, after.gathered, state.changes)
        missing = (*still_lost(missing, after.gathered), *weaker)
        fresh = (*after.found, *taken, *_lacking(weaker, knowledge))
        blamed = _blamed(state, known, fresh)
        found = (*after.found, *taken, *_lacking(missing, knowledge))
        stages.append(_Stage(state, images, after.gathered, found, blamed, taken))
        known = (*after.found, *taken)
        on_patch(len(stages), ground.count)
    return tuple(stages)


def _lacking(losses: Sequence[Loss], knowledge: Knowledge) -> tuple[Finding, ...]:
    return judge((loss.subject for loss in losses), knowledge.rules)


def _taken_away(state: PatchState, knowledge: Knowledge) -> tuple[Finding, ...]:
    """Give what hunks alone show to be broken by this patch."""
    return judge(gather_changes(state.changes, knowledge.abi).subjects, knowledge.rules)


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


def _settled(stages: Sequence[_Stage]) -> tuple[Finding, ...]:
    """Give what is reported: what later patches repair becomes a note on the earlier one."""
    settled = [
        _settle(finding, stages[index + 1 :])
        for index, stage in enumerate(stages)
        for finding in stage.blamed
        if finding.origin in REPORTED
    ]
    return tuple(sorted(settled, key=_order))


def _still_wrong(last: _Stage, reported: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give the errors of the series that its last state still has, where they stand there."""
    errors = {item.fingerprint for item in reported if item.severity is Severity.ERROR}
    return tuple(finding for finding in last.found if finding.fingerprint in errors)


def _settle(finding: Finding, later: Sequence[_Stage]) -> Finding:
    for stage in later:
        if all(finding.fingerprint != other.fingerprint for other in stage.found):
            repaired = f"{finding.message} (until patch {stage.state.patch.label} repairs it)"
            return replace(finding, severity=Severity.NOTE, message=repaired)
    return finding


def _order(finding: Finding) -> tuple[int, int, str, int, str]:
    place = finding.place
    return (
        list(Severity).index(finding.severity),
        finding.patch or 0,
        place.path if place else "",
        place.line if place else 0,
        finding.rule,
    )


def _hidden(stages: Sequence[_Stage]) -> int:
    """Count what the series met and did not do; what it did is told where it did it."""
    met: dict[bool, set[str]] = {True: set(), False: set()}
    for stage in stages:
        for finding in stage.blamed:
            met[finding.origin in REPORTED].add(finding.fingerprint)
    return len(met[False] - met[True])


def _patch_row(state: PatchState) -> PatchRow:
    patch: Patch = state.patch
    problems = [item.reason for item in state.not_examined]
    return PatchRow(
        position=patch.position,
        number=patch.number,
        label=patch.label,
        subject=patch.subject,
        author=str(patch.author),
        message_id=patch.message_id if patch.message.has_own_id else None,
        commit=patch.commit,
        files=tuple(sorted({file.path for file in state.files if file.path})),
        applied=not problems,
        problem=problems[0] if problems else None,
    )


def _excerpt(finding: Finding, stages: Sequence[_Stage]) -> tuple[CodeLine, ...]:
    """Give the code around a finding, as it is in the state that its patch creates."""
    stage = next((item for item in stages if item.state.patch.position == finding.patch), None)
    if finding.place is None or stage is None:
        return ()
    return excerpt(finding.place, stage.images, finding.patch)


def _not_examined(
    intake: Intake, series: Series, stages: Sequence[_Stage]
) -> tuple[NotExamined, ...]:
    """Give all that was not looked at, each thing once, in the order of the series."""
    items = [NotExamined(None, None, problem) for problem in intake.problems]
    items += [
        NotExamined(None, None, f"patch {number}/{series.total} is not in the input", absent=True)
        for number in series.missing
    ]
    for stage in stages:
        items += stage.state.not_examined
        items += stage.gathered.not_examined
    return tuple(dict.fromkeys(items))
