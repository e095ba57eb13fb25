"""What reading found, held to what came out when the code was run."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from tdxreview.asm.prove.proof import Proof
from tdxreview.facts.model import Subject
from tdxreview.facts.trap.refuted import refuted
from tdxreview.facts.trap.schema import Routine, names_of
from tdxreview.review.model import SiteRow, Verdict
from tdxreview.review.patch_states import Stage
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Finding, RuleSet
from tdxreview.source.model import NotExamined
from tdxreview.source.place import Place


def told_by_running(
    stages: Sequence[Stage],
    subjects: Iterable[Subject],
    rows: Sequence[SiteRow],
    proof: Proof,
    rules: RuleSet,
) -> Iterator[Finding]:
    """Give the findings on what reading found clean in the last state and running refutes.

    Of the patches the last one that touches the file is to blame: it is its state that was run.
    """
    places = {row.place for row in rows}
    routines = (each for each in subjects if isinstance(each, Routine))
    wrong = refuted(routines, proof)
    for finding in judge((each for each in wrong if each.place in places), rules):
        touching = [stage for stage in stages if finding.place and _touches(stage, finding.place)]
        yield replace(finding, patch=(touching or stages)[-1].state.patch.position)


def _touches(stage: Stage, place: Place) -> bool:
    return any(change.after and change.after.path == place.path for change in stage.state.changes)


def unexplained(
    read: Sequence[SiteRow], ran: Sequence[SiteRow], findings: Iterable[Finding]
) -> Iterator[NotExamined]:
    """Say where running came out wrong and no finding tells it."""
    known = {
        name
        for finding in findings
        if isinstance(finding.subject, Routine)
        for name in names_of(finding.subject.variant)
    }
    for before, after in zip(read, ran, strict=True):
        if after.verdict is before.verdict or not known.isdisjoint(names_of(after.variant)):
            continue
        if after.verdict is Verdict.VIOLATED:
            yield NotExamined(
                after.patch,
                after.place.path,
                f"{after.function}: a way out comes out wrong when it is run, though reading"
                " finds nothing; see tdxreview prove",
            )
