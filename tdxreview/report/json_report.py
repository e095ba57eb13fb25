"""A review as JSON: versioned, sorted, the same for the same input, and safe to show.

Everything outside ASCII is escaped, so no byte of a mail can steer a terminal.
"""

import json
from collections.abc import Iterable

import msgspec
from msgspec import UNSET, UnsetType

from tdxreview.report import contract
from tdxreview.report.json_remarks import remark_documents
from tdxreview.report.json_series import number_of, series_document, tool_of
from tdxreview.report.view import PLAIN, View
from tdxreview.review.model import HiddenBy, Review, SiteRow, Verdict
from tdxreview.rules.model import Finding, Severity
from tdxreview.source.place import UNNAMED, Place, Step
from tdxreview.source.tree import Scope


def json_report(review: Review, view: View = PLAIN) -> str:
    """Give the document `tdxreview.review/1`."""
    return document_text(review_document(review, view))


def review_document(review: Review, view: View = PLAIN) -> contract.ReviewV1:
    """Give what the document holds."""
    return contract.ReviewV1(
        schema="tdxreview.review/1",
        tool=tool_of(view),
        depth=review.depth.value,
        base=_base(review),
        series=series_document(review),
        sites=_sites(review),
        findings=_findings(review),
        remarks=remark_documents(review.conversation) if review.conversation else (),
        not_examined=_not_examined(review),
        examined_in_part=_in_part(review),
        let_go=_let_go(review),
        summary=_summary(review),
        hidden=_hidden(review),
        spent_suppressions=_spent(review),
        as_of=review.as_of or None,
        rules_left_out=review.rules_left_out,
    )


def json_sites(review: Review, view: View = PLAIN) -> str:
    """Give the document `tdxreview.sites/1`."""
    verdicts = [row.verdict for row in review.sites]
    return document_text(
        contract.SitesV1(
            schema="tdxreview.sites/1",
            tool=tool_of(view),
            depth=review.depth.value,
            base=_base(review),
            series=series_document(review),
            sites=_sites(review),
            not_examined=_not_examined(review),
            examined_in_part=_in_part(review),
            let_go=_let_go(review),
            summary={verdict.value: verdicts.count(verdict) for verdict in Verdict},
        )
    )


def json_scan(review: Review, view: View = PLAIN) -> str:
    """Give the document `tdxreview.scan/1`."""
    return document_text(
        contract.ScanV1(
            schema="tdxreview.scan/1",
            tool=tool_of(view),
            base=_base(review),
            sites=_sites(review),
            findings=_findings(review),
            not_examined=_not_examined(review),
            summary=_summary(review),
            hidden=_hidden(review),
            spent_suppressions=_spent(review),
            as_of=review.as_of or None,
            rules_left_out=review.rules_left_out,
        )
    )


def document_text(document: msgspec.Struct) -> str:
    """Give a document as it is printed."""
    return json.dumps(msgspec.to_builtins(document), indent=2) + "\n"


def _base(review: Review) -> contract.BaseV1 | None:
    if review.base is None:
        return None
    commit, why = review.base
    part = review.searched or Scope(below=())
    return contract.BaseV1(commit=commit, why=why, searched=part.below, left_out=part.without)


def _sites(review: Review) -> tuple[contract.SiteV1, ...]:
    return tuple(site(row, number_of(review, row.patch)) for row in review.sites)


def site(row: SiteRow, patch: int | None) -> contract.SiteV1:
    """Give a site that the patch of this number brought."""
    return contract.SiteV1(
        patch=patch,
        path=row.place.path,
        line=row.place.line,
        function=row.function,
        callee=row.callee,
        leaf=row.leaf,
        verdict=row.verdict.value,
        states=dict(row.states),
        evidence=steps(row.evidence),
        status_use=row.status_use,
        column=_columns(row.place)[0],
        end_column=_columns(row.place)[1],
        last_line=row.last[1] if row.last else None,
        last_path=_renamed(row.place, row.last),
    )


def _findings(review: Review) -> tuple[contract.FindingV1, ...]:
    codes = [each.statements for each in review.codes] or [()] * len(review.findings)
    return tuple(
        finding_of(each, number_of(review, each.patch), code)
        for each, code in zip(review.findings, codes, strict=True)
    )


def _hidden(review: Review) -> tuple[contract.HiddenFindingV1, ...]:
    return tuple(
        contract.HiddenFindingV1(
            by=each.by.value,
            reason=each.reason,
            where=each.where,
            until=each.until,
            finding=finding_of(each.finding, number_of(review, each.finding.patch), each.code),
        )
        for each in review.hidden
    )


def _spent(review: Review) -> tuple[contract.SpentV1, ...]:
    return tuple(
        contract.SpentV1(where=each.where, state=each.state.value, until=each.until)
        for each in review.spent
    )


def finding_of(
    finding: Finding, patch: int | None, code: tuple[str, ...] = ()
) -> contract.FindingV1:
    """Give a finding that the patch of this number is to blame for."""
    place = finding.place if finding.place and finding.place.path != UNNAMED else None
    return contract.FindingV1(
        rule=finding.rule,
        family=finding.family,
        severity=finding.severity.value,
        confidence=finding.confidence.value,
        origin=finding.origin.value,
        message=finding.message,
        patch=patch,
        path=place.path if place else None,
        line=place.line if place else None,
        end_line=place.end_line if place else None,
        function=finding.function or None,
        trace=_trace(finding),
        fix=finding.fix,
        references=finding.references,
        fingerprint=finding.fingerprint,
        remarks=finding.remarks,
        column=_columns(place)[0],
        end_column=_columns(place)[1],
        last_line=finding.last[1] if finding.last else None,
        why=finding.why,
        last_path=_renamed(place, finding.last),
        side="before" if finding.side == "before" else "after",
        code=code,
        consequences=tuple(finding_of(each, patch) for each in finding.consequences),
    )


def _trace(finding: Finding) -> tuple[contract.StepV1, ...]:
    """Give the steps with their lines in the last state."""
    lasts = finding.last_trace or (None,) * len(finding.trace)
    return tuple(
        contract.StepV1(
            path=step.path, line=step.line, text=step.text, last_line=last[1] if last else None
        )
        for step, last in zip(finding.trace, lasts, strict=True)
    )


def _columns(place: Place | None) -> tuple[int | None, int | None]:
    """Give the columns from 1 on, None for what is not known."""
    if place is None or not (place.column or place.end_column):
        return None, None
    return place.column + 1, place.end_column + 1 if place.end_column else None


def _renamed(place: Place | None, last: tuple[str, int] | None) -> str | UnsetType:
    return last[0] if place and last and last[0] != place.path else UNSET


def steps(trace: Iterable[Step]) -> tuple[contract.StepV1, ...]:
    """Give the steps of a trace."""
    return tuple(contract.StepV1(path=step.path, line=step.line, text=step.text) for step in trace)


def _not_examined(review: Review) -> tuple[contract.NotExaminedV1, ...]:
    return tuple(
        contract.NotExaminedV1(
            patch=number_of(review, item.patch),
            path=item.path,
            reason=item.reason,
            on_purpose=item.on_purpose or item.absent,
        )
        for item in review.not_examined
    )


def _in_part(review: Review) -> tuple[contract.InPartV1, ...]:
    return tuple(
        contract.InPartV1(
            patch=number_of(review, item.patch),
            path=item.path,
            function=item.function,
            reason=item.reason,
        )
        for item in review.examined_in_part
    )


def _let_go(review: Review) -> tuple[contract.LetGoV1, ...]:
    return tuple(
        contract.LetGoV1(patch=number_of(review, item.patch), path=item.path, reason=item.reason)
        for item in review.let_go
    )


def _summary(review: Review) -> contract.SummaryV1:
    return contract.SummaryV1(
        error=review.count(Severity.ERROR),
        warning=review.count(Severity.WARNING),
        note=review.count(Severity.NOTE),
        sites=len(review.sites),
        hidden=contract.HiddenV1(
            existing=review.hidden_existing,
            suppressed=review.hidden_suppressed,
            baseline=_hidden_by(review, HiddenBy.BASELINE),
            paths=_hidden_by(review, HiddenBy.PATH),
        ),
    )


def _hidden_by(review: Review, way: HiddenBy) -> int:
    return sum(each.by is way for each in review.hidden)
