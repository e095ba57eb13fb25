"""The pipeline: messages in, a review out. The one place that names all stages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import is_

from tdxreview.errors import NothingToReviewError
from tdxreview.facts.abi import Abi
from tdxreview.facts.collect import gather, relevant
from tdxreview.facts.kinds import Site, Vmx
from tdxreview.facts.model import Gathered
from tdxreview.mail.intake import Intake
from tdxreview.report.model import CodeLine, Depth, PatchRow, Review, SiteRow, Verdict
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Finding, Origin, RuleSet, Severity
from tdxreview.rules.origin import blame
from tdxreview.series.build import build_series, choose
from tdxreview.series.model import Patch, Series
from tdxreview.source.images import walk
from tdxreview.source.model import Image, NotExamined, PatchState, SourceLine

CONTEXT_LINES = 3
"""How many lines of code a report may show before and after the place of a finding."""

REPORTED = (Origin.NEW, Origin.AFFECTED)

VERDICT_OF_VMX = {
    Vmx.ON: Verdict.OK,
    Vmx.CALLER: Verdict.CALLER,
    Vmx.UNKNOWN: Verdict.UNKNOWN,
    Vmx.TOLERATED: Verdict.OK,
    Vmx.OFF: Verdict.VIOLATED,
    Vmx.PARTLY: Verdict.VIOLATED,
    Vmx.WRONG_CPU: Verdict.VIOLATED,
    Vmx.NOT_TOLERATED: Verdict.VIOLATED,
    Vmx.UNCHECKED: Verdict.VIOLATED,
    Vmx.AFTER_DISABLE: Verdict.VIOLATED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What a review judges by: the rules, and what is known of TDX."""

    rules: RuleSet
    abi: Abi


@dataclass(frozen=True, slots=True)
class _Stage:
    """One patch with what was found in the state that it creates."""

    state: PatchState
    gathered: Gathered
    found: tuple[Finding, ...]
    blamed: tuple[Finding, ...]


def review(
    intake: Intake,
    knowledge: Knowledge,
    *,
    revision: int | None = None,
    on_patch: Callable[[int, int], None] = lambda _done, _all: None,
) -> Review:
    """Review the newest complete revision in `intake`, or the one that `revision` names.

    `on_patch` is told after each patch how many of how many are done. Raises
    NothingToReviewError where no patch is in the input, UsageError where the revision is not.
    """
    series = _chosen(intake, revision)
    stages = _stages(series, knowledge, on_patch)
    findings = _settled(stages)
    last = stages[-1]
    return Review(
        taken_for=intake.taken_for,
        depth=Depth.PATCH,
        base=None,
        series=series,
        patches=tuple(_patch_row(stage.state) for stage in stages),
        sites=_site_rows(last.gathered, last.state.images, findings),
        findings=findings,
        excerpts=tuple(_excerpt(finding, stages) for finding in findings),
        not_examined=_not_examined(intake, series, stages),
        hidden_existing=sum(
            finding.origin not in REPORTED for stage in stages for finding in stage.blamed
        ),
    )


def _chosen(intake: Intake, revision: int | None) -> Series:
    series = choose(build_series(intake.messages), revision)
    if not series.patches:
        raise NothingToReviewError(
            f"{intake.taken_for} holds no patch; give a patch, a mailbox with one, or a git range"
        )
    return series


class _Court:
    """Judges states of the code; the same code is judged once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._judged: list[_Judged] = []

    def judged(self, images: Mapping[str, Image]) -> "_Judged":
        """Give what is found in a state; only the latest two states are remembered."""
        looked_at = tuple(image for image in images.values() if relevant(image))
        for judged in self._judged:
            if judged.is_of(looked_at):
                return judged
        gathered = gather(looked_at, self._knowledge.abi)
        found = judge(gathered.subjects, self._knowledge.rules)
        self._judged = [_Judged(looked_at, gathered, found), *self._judged[:1]]
        return self._judged[0]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A state of the code with what was found in it."""

    images: tuple[Image, ...]
    gathered: Gathered
    found: tuple[Finding, ...]

    def is_of(self, images: Sequence[Image]) -> bool:
        """Tell whether these very images were judged; unchanged files are the same objects."""
        return len(images) == len(self.images) and all(map(is_, images, self.images))


def _stages(
    series: Series, knowledge: Knowledge, on_patch: Callable[[int, int], None]
) -> tuple[_Stage, ...]:
    stages: list[_Stage] = []
    court = _Court(knowledge)
    images: Mapping[str, Image] = {}
    for state in walk(series):
        before = court.judged(_images_before(state, images))
        after = court.judged(state.images)
        blamed = _blamed(state, before.found, after.found)
        stages.append(_Stage(state, after.gathered, after.found, blamed))
        images = state.images
        on_patch(len(stages), len(series.patches))
    return tuple(stages)


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


def _site_rows(
    gathered: Gathered, images: Mapping[str, Image], findings: Iterable[Finding]
) -> tuple[SiteRow, ...]:
    """Give the sites that the series added, and the older ones that it did something to."""
    wrong = {
        (item.place.path, item.place.line)
        for item in findings
        if item.place is not None and item.severity is Severity.ERROR
    }
    rows = []
    for site in gathered.subjects:
        if not isinstance(site, Site):
            continue
        line = _line(images, site.place.path, site.place.line)
        at_fault = (site.place.path, site.place.line) in wrong
        if at_fault or (line is not None and line.added_by is not None):
            rows.append(_site_row(site, line.added_by if line else None, at_fault=at_fault))
    return tuple(rows)


def _site_row(site: Site, patch: int | None, *, at_fault: bool) -> SiteRow:
    verdict = Verdict.VIOLATED if at_fault else VERDICT_OF_VMX[site.vmx]
    return SiteRow(
        patch=patch,
        place=site.place,
        function=site.function,
        callee=site.callee,
        leaf=site.leaf,
        verdict=verdict,
        states=(("vmx-on", str(site.vmx)),),
        status_use=", ".join(sorted(site.status_use)),
        evidence=site.steps("vmx"),
    )


def _line(images: Mapping[str, Image], path: str, number: int) -> SourceLine | None:
    image = images.get(path)
    for fragment in image.fragments if image else ():
        if fragment.start <= number < fragment.end:
            return fragment.lines[number - fragment.start]
    return None


def _excerpt(finding: Finding, stages: Sequence[_Stage]) -> tuple[CodeLine, ...]:
    """Give the code around a finding, as it is in the state that its patch creates."""
    place = finding.place
    stage = next((item for item in stages if item.state.patch.position == finding.patch), None)
    if place is None or stage is None:
        return ()
    wanted = range(place.line - CONTEXT_LINES, place.end_line + CONTEXT_LINES + 1)
    lines = (_line(stage.state.images, place.path, number) for number in wanted)
    return tuple(
        CodeLine(number=line.number, text=line.text, added=line.added_by == finding.patch)
        for line in lines
        if line is not None
    )


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
