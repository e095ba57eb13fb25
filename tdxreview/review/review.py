"""The pipeline: messages in, a review out. The one place that names all stages."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.asm.prove.proof import Proof
from tdxreview.errors import NothingToReviewError, UnreadInputError
from tdxreview.facts.conversation.story import Story
from tdxreview.facts.passed_over import passed_over
from tdxreview.kernel.knowledge import Abi
from tdxreview.mail.intake import Intake
from tdxreview.review.all_stages import all_stages
from tdxreview.review.causes import folded
from tdxreview.review.fates import Fate, count_older, fates, in_order, settled, still_wrong
from tdxreview.review.finding_code import code_of
from tdxreview.review.given_back import give_back
from tdxreview.review.ground import Ground, base_of, put_on, told_of
from tdxreview.review.inventory import (
    INSTRUCTION,
    excerpt,
    files_found,
    in_own_states,
    proven_rows,
    rules_found,
    site_rows,
)
from tdxreview.review.last_place import with_last_places
from tdxreview.review.model import CodeLine, Depth, PatchRow, Review, SiteRow
from tdxreview.review.patch_states import Stage
from tdxreview.review.told import conversation_of, told_findings, with_remarks
from tdxreview.review.unnamed import named_findings, named_sites
from tdxreview.rules.compiled import bundled_cues
from tdxreview.rules.model import Finding, RuleSet
from tdxreview.series.build import build_series, choose
from tdxreview.series.model import Patch, Series
from tdxreview.source.host_code import HOST_CODE
from tdxreview.source.model import Image, InPart, LetGo, NotExamined, PatchState
from tdxreview.source.tree import Base, Tree
from tdxreview.source.unread import unread
from tdxreview.store import NOWHERE, Store
from tdxreview.talk.converse import converse
from tdxreview.talk.cues import Talk

Prover = Callable[[Sequence[Image], Tree | None, Abi], Proof | None]
"""What assembles SEAMCALL code and runs its ways out."""


class Knowledge(Struct, frozen=True, kw_only=True):
    """What a review judges by: the rules, and what is known of TDX.

    `store` keeps what was found in trees for the next run. `cues` gives the words that mails are
    read by, and is called only if there are mails to read. A long series is judged by `jobs`
    processes.
    """

    rules: RuleSet
    abi: Abi
    store: Store = NOWHERE
    cues: Callable[[], Talk] = bundled_cues
    jobs: int = 1


def review(
    intake: Intake,
    knowledge: Knowledge,
    *,
    revision: int | None = None,
    find_base: Callable[[Series], Base] | None = None,
    prover: Prover = lambda _images, _tree, _abi: None,
    on_patch: Callable[[int, int], None] = lambda _done, _all: None,
) -> Review:
    """Review the newest complete revision in `intake`, or the one that `revision` names.

    With `find_base` the series is put on the tree that it gives, at depth "tree".
    `prover` runs the SEAMCALL code of the last state, and gives None where it cannot.
    `on_patch` is told after each patch how many of how many are done. Raises
    NothingToReviewError where no patch is in the input, UsageError where the revision is not.
    """
    give_back()
    conversation = converse(intake.messages, knowledge.cues)
    found = _found(conversation.series, intake)
    series = choose(found, revision)
    story = Story(conversation, series)
    base, ground = _under(series, intake, find_base, knowledge.store)
    stages = all_stages(series, ground, knowledge.rules, knowledge.abi, knowledge.jobs, on_patch)
    became = fates(stages, knowledge.rules)
    judged = _run(stages, became, base, knowledge, prover)
    remarked = with_remarks(judged.findings, story, knowledge.rules)
    findings = (*remarked, *told_findings(story, base, knowledge.rules))
    states = tuple(stage.state for stage in stages)
    findings = folded(with_last_places(findings, states), knowledge.rules)
    aside, let_go = _left_out((*_passed_over(stages), *unread(intake.messages, series, found)))
    return Review(
        taken_for=intake.taken_for,
        depth=Depth.TREE if base else Depth.PATCH,
        base=told_of(base, ground) if base else None,
        searched=HOST_CODE if base else None,
        series=series,
        patches=tuple(_patch_row(stage.state) for stage in stages),
        sites=named_sites(in_own_states(judged.sites, states)),
        findings=named_findings(findings),
        excerpts=tuple(_excerpt(finding, stages) for finding in findings),
        codes=tuple(code_of(finding, _image(finding, stages)) for finding in findings),
        not_examined=_not_examined(
            intake, series, stages, (*ground.not_examined, *aside, *judged.unclear)
        ),
        let_go=let_go,
        examined_in_part=_in_part(stages),
        hidden_existing=count_older(stages, became),
        rules=rules_found(findings, knowledge.rules),
        files=files_found(findings, _last(stages).images),
        conversation=conversation_of(story),
    )


def _under(
    series: Series,
    intake: Intake,
    find_base: Callable[[Series], Base] | None,
    store: Store,
) -> tuple[Base | None, Ground]:
    """Give the tree that a series is put on, and what of it the series needs."""
    onto = tuple(choose(build_series(before), None) for before in intake.onto)
    base = base_of(find_base, series, onto)
    return base, put_on(series, base, onto, store)


class _Judged(Struct, frozen=True):
    """Sites and findings once the SEAMCALL code was run, and what running leaves unexplained."""

    sites: tuple[SiteRow, ...]
    findings: tuple[Finding, ...]
    unclear: tuple[NotExamined, ...] = ()


def _run(
    stages: Sequence[Stage],
    became: Sequence[Fate],
    base: Base | None,
    knowledge: Knowledge,
    prover: Prover,
) -> _Judged:
    """Run the instructions of the last state, where there are some, and hold it to the reading."""
    sites, findings = _sites(stages, became), settled(became, knowledge.rules)
    if not any(row.callee == INSTRUCTION for row in sites):
        return _Judged(sites, findings)
    images = tuple(_last(stages).images.values())
    proof = prover(images, base.tree if base else None, knowledge.abi)
    proven, subjects = proven_rows(sites, proof), _last(stages).gathered.subjects
    if proof is None:
        return _Judged(proven, findings)
    from tdxreview.review.held_to_run import told_by_running, unexplained

    told = told_by_running(stages, subjects, sites, proof, knowledge.rules)
    findings = in_order((*findings, *told))
    return _Judged(proven, findings, tuple(unexplained(sites, proven, findings)))


def _last(stages: Sequence[Stage]) -> Stage:
    """Give the state that the series leaves: the last one that a patch applied to, if any did."""
    applied = [stage for stage in stages if not stage.state.problem]
    return (applied or stages)[-1]


def _sites(stages: Sequence[Stage], became: Sequence[Fate]) -> tuple[SiteRow, ...]:
    """Give the sites that the series leaves, and those of patches that do not apply."""
    last = _last(stages)
    misfits = [stage for stage in stages if stage.state.problem]
    rows = site_rows(last.gathered, last.images, still_wrong(last, became))
    if last.state.problem:
        return tuple(replace(row, last=None) for row in rows)
    if not misfits:
        return rows
    shown = misfits[-1]
    positions = {stage.state.patch.position for stage in misfits}
    others = site_rows(shown.gathered, shown.images, still_wrong(shown, became))
    return (*rows, *(replace(row, last=None) for row in others if row.patch in positions))


def _in_part(stages: Sequence[Stage]) -> tuple[InPart, ...]:
    """Give the functions that were not seen whole, each once, by the first patch that shows so."""
    first: dict[tuple[str, str, str], InPart] = {}
    for stage in stages:
        for each in stage.in_part:
            first.setdefault((each.path, each.function, each.reason), each)
    return tuple(first.values())


def _passed_over(stages: Sequence[Stage]) -> Iterator[LetGo | NotExamined]:
    for stage in stages:
        yield from passed_over(stage.state)


def _left_out(
    items: Iterable[LetGo | NotExamined],
) -> tuple[tuple[NotExamined, ...], tuple[LetGo, ...]]:
    """Part what was not examined from what was let go, each thing once."""
    once = tuple(dict.fromkeys(items))
    return (
        tuple(item for item in once if isinstance(item, NotExamined)),
        tuple(item for item in once if isinstance(item, LetGo)),
    )


def _first(intake: Intake) -> str:
    more = len(intake.problems) - 1
    return intake.problems[0] + (f" (and {more} more)" if more else "")


def _found(found: tuple[Series, ...], intake: Intake) -> tuple[Series, ...]:
    if not any(series.patches for series in found):
        if intake.problems:
            raise UnreadInputError(
                f"{intake.taken_for} holds no patch that was read; {_first(intake)}"
            )
        raise NothingToReviewError(
            f"{intake.taken_for} holds no patch; give a patch, a mailbox with one, or a git range"
        )
    return found


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


def _image(finding: Finding, stages: Sequence[Stage]) -> Image | None:
    """Give the file that a finding stands in, in the state that its patch creates."""
    stage = next((item for item in stages if item.state.patch.position == finding.patch), None)
    if stage is None or finding.place is None or finding.side == "before":
        return None
    return stage.images.get(finding.place.path)


def _excerpt(finding: Finding, stages: Sequence[Stage]) -> tuple[CodeLine, ...]:
    """Give the code around a finding, as it is in the state that its patch creates."""
    stage = next((item for item in stages if item.state.patch.position == finding.patch), None)
    if finding.place is None or stage is None:
        return ()
    return excerpt(finding.place, stage.images, finding.patch)


def _not_examined(
    intake: Intake, series: Series, stages: Sequence[Stage], others: Iterable[NotExamined]
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
    return (*dict.fromkeys(items), *others)
