"""Two revisions as JSON: the document `tdxreview.compare/1`."""

from collections.abc import Iterator
from typing import Literal

from tdxreview.facts.conversation.schema import Approval, Since
from tdxreview.report import contract_talk
from tdxreview.report.json_remarks import remark_document
from tdxreview.report.json_report import document_text, finding_of
from tdxreview.report.json_series import number_of, series_document, tool_of
from tdxreview.report.remark_words import is_outdated, standing
from tdxreview.report.view import PLAIN, View
from tdxreview.review.compare import Compared, RemarkChange
from tdxreview.revisions.model import FileDelta, Pair
from tdxreview.series.model import Series

LINES: dict[Since, Literal["same", "near", "changed", "dropped", "unknown"]] = {
    Since.SAME: "same",
    Since.NEAR: "near",
    Since.CHANGED: "changed",
    Since.DROPPED: "dropped",
    Since.UNKNOWN: "unknown",
    Since.SAME_REVISION: "unknown",
}


def json_compare(compared: Compared, view: View = PLAIN) -> str:
    """Give the document `tdxreview.compare/1`."""
    return document_text(
        contract_talk.CompareV1(
            schema="tdxreview.compare/1",
            tool=tool_of(view),
            old=series_document(compared.old),
            new=series_document(compared.new),
            patches=tuple(_pair(pair, compared) for pair in compared.comparison.pairs),
            remarks=tuple(_remark(each, compared) for each in compared.remarks),
            trailers=tuple(_trailer(each, compared) for each in compared.approvals),
            findings=tuple(_findings(compared)),
            summary=_summary(compared),
        )
    )


def _pair(pair: Pair, compared: Compared) -> contract_talk.PairV1:
    old, new = compared.comparison.old, compared.comparison.new
    patches = [new.patches[at - 1] for at in pair.new] or [old.patches[at - 1] for at in pair.old]
    return contract_talk.PairV1(
        old=tuple(_numbers(old, pair.old)),
        new=tuple(_numbers(new, pair.new)),
        subject=patches[0].subject,
        fate=pair.fate.value,
        by=pair.by.value,
        message_changed=pair.message_changed,
        interdiff=tuple(map(_file, pair.interdiff)),
    )


def _numbers(series: Series, positions: tuple[int, ...]) -> Iterator[int]:
    return (series.patches[at - 1].number for at in positions)


def _file(delta: FileDelta) -> contract_talk.FileDeltaV1:
    return contract_talk.FileDeltaV1(
        path=delta.path,
        old_path=delta.old_path,
        lines=tuple(
            contract_talk.DeltaV1(
                side="old" if each.side == "-" else "new",
                sign="-" if each.line.sign == "-" else "+",
                text=each.line.text,
            )
            for each in delta.lines
        ),
    )


def _remark(change: RemarkChange, compared: Compared) -> contract_talk.RemarkFateV1:
    words, is_open = standing(change.told)
    return contract_talk.RemarkFateV1(
        remark=remark_document(change.remark, compared.conversation),
        lines=LINES[change.told.since],
        standing=words,
        open=is_open,
    )


def _trailer(approval: Approval, compared: Compared) -> contract_talk.TrailerV1:
    at = approval.patch
    return contract_talk.TrailerV1(
        patch=compared.comparison.new.patches[at - 1].number if at else None,
        trailer=approval.trailer,
        given_to=approval.revision,
        changed=approval.changed.value,
        outdated=is_outdated(approval),
    )


def _findings(compared: Compared) -> Iterator[contract_talk.FindingFateV1]:
    for each in compared.findings:
        home = compared.old if each.became == "fixed" else compared.new
        document = finding_of(each.finding, number_of(home, each.finding.patch))
        yield contract_talk.FindingFateV1(became=each.became.value, finding=document)


def _summary(compared: Compared) -> dict[str, int]:
    fates = [pair.fate.value for pair in compared.comparison.pairs]
    became = [each.became.value for each in compared.findings]
    left = sum(standing(each.told).is_open for each in compared.remarks)
    outdated = sum(map(is_outdated, compared.approvals))
    counts = {
        word: all_of.count(word) for all_of in (fates, became) for word in sorted(set(all_of))
    }
    return counts | {"open-remarks": left, "outdated-trailers": outdated}
