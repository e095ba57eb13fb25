"""A review as JSON lines: each stands for itself, so that a stream can be read and filtered."""

import json
from collections.abc import Iterator

import msgspec

from tdxreview.report import contract, contract_lines
from tdxreview.report.json_report import review_document
from tdxreview.report.view import PLAIN, View
from tdxreview.review.model import Review


def jsonl(review: Review, view: View = PLAIN) -> str:
    """Give the lines of `tdxreview.line/1`: the series, sites, findings, the rest, the summary."""
    return "".join(
        f"{json.dumps(msgspec.to_builtins(line))}\n"
        for line in _lines(review_document(review, view))
    )


def _lines(whole: contract.ReviewV1) -> Iterator[contract_lines.LineV1]:
    series = whole.series if whole.series.patches else None
    yield contract_lines.SeriesLineV1(
        tool=whole.tool, depth=whole.depth, base=whole.base, series=series
    )
    yield from (contract_lines.SiteLineV1(site=each) for each in whole.sites)
    yield from (contract_lines.FindingLineV1(finding=each) for each in whole.findings)
    yield from (contract_lines.RemarkLineV1(remark=each) for each in whole.remarks)
    yield from (contract_lines.NotExaminedLineV1(not_examined=each) for each in whole.not_examined)
    yield from (
        contract_lines.InPartLineV1(examined_in_part=each) for each in whole.examined_in_part
    )
    yield contract_lines.SummaryLineV1(summary=whole.summary)
