"""The lines of the format jsonl, structure by structure."""

from typing import Literal

from msgspec import Struct

from tdxreview.report.contract import (
    BaseV1,
    FindingV1,
    InPartV1,
    NotExaminedV1,
    RemarkV1,
    SeriesV1,
    SiteV1,
    SummaryV1,
    ToolV1,
)


class SeriesLineV1(Struct, frozen=True, kw_only=True, tag_field="kind", tag="series"):
    """The first line of `--format jsonl`; `series` is null for a tree without a patch."""

    schema: Literal["tdxreview.line/1"] = "tdxreview.line/1"
    tool: ToolV1
    depth: Literal["patch", "tree"]
    base: BaseV1 | None
    series: SeriesV1 | None


class SiteLineV1(Struct, frozen=True, kw_only=True, tag_field="kind", tag="site"):
    """A line with a site."""

    site: SiteV1


class FindingLineV1(Struct, frozen=True, kw_only=True, tag_field="kind", tag="finding"):
    """A line with a finding."""

    finding: FindingV1


class RemarkLineV1(Struct, frozen=True, kw_only=True, tag_field="kind", tag="remark"):
    """A line with a remark."""

    remark: RemarkV1


class NotExaminedLineV1(Struct, frozen=True, kw_only=True, tag_field="kind", tag="not_examined"):
    """A line with something that was not looked at."""

    not_examined: NotExaminedV1


class InPartLineV1(Struct, frozen=True, kw_only=True, tag_field="kind", tag="examined_in_part"):
    """A line with a function that was not seen whole."""

    examined_in_part: InPartV1


class SummaryLineV1(Struct, frozen=True, kw_only=True, tag_field="kind", tag="summary"):
    """The last line."""

    summary: SummaryV1


LineV1 = (
    SeriesLineV1
    | SiteLineV1
    | FindingLineV1
    | RemarkLineV1
    | NotExaminedLineV1
    | InPartLineV1
    | SummaryLineV1
)
"""A line of `--format jsonl`."""
