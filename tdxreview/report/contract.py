"""The JSON documents, structure by structure: a contract of its own, apart from our values.

Within one version fields are only ever added. `line` counts in the post-image, or in the
pre-image where `side` is "before".
"""

from typing import Literal

from msgspec import Struct


class ToolV1(Struct, frozen=True, kw_only=True):
    """The program that wrote the document."""

    name: str
    version: str


class BaseV1(Struct, frozen=True, kw_only=True):
    """The commit that the patches were applied to, and why that one.

    `searched` names what of the tree was looked at, `left_out` what below it was not.
    """

    commit: str
    why: str
    searched: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


class PatchV1(Struct, frozen=True, kw_only=True):
    """A patch; `number` is its counter, or its place where the counters are not unique."""

    number: int
    subject: str
    author: str
    message_id: str | None
    commit: str | None
    files: tuple[str, ...]
    applied: bool
    problem: str | None
    label: str


class SeriesV1(Struct, frozen=True, kw_only=True):
    """The reviewed revision; `missing` holds the counters that are not in the input."""

    subject: str
    revision: int
    total: int
    change_id: str | None
    message_id: str | None
    patches: tuple[PatchV1, ...]
    missing: tuple[int, ...]


class StepV1(Struct, frozen=True, kw_only=True):
    """One step of a trace."""

    path: str
    line: int
    text: str


class SiteV1(Struct, frozen=True, kw_only=True):
    """A SEAMCALL site; `status_use` says what becomes of the completion status."""

    patch: int | None
    path: str
    line: int
    function: str
    callee: str
    leaf: str
    verdict: Literal["ok", "caller", "unknown", "violated"]
    states: dict[str, str]
    evidence: tuple[StepV1, ...]
    status_use: str


class FindingV1(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong; path and lines are null where it is about the series as a whole."""

    rule: str
    family: str
    severity: Literal["error", "warning", "note"]
    confidence: Literal["high", "medium", "low"]
    origin: Literal["new", "affected", "moved", "existing"]
    message: str
    patch: int | None
    path: str | None
    line: int | None
    end_line: int | None
    function: str | None
    trace: tuple[StepV1, ...]
    fix: str
    references: tuple[str, ...]
    fingerprint: str
    remarks: tuple[str, ...]
    side: Literal["after", "before"] = "after"


class RemarkV1(Struct, frozen=True, kw_only=True):
    """Something that a reviewer wrote about a line of a patch."""

    message_id: str
    author: str
    date: str | None
    patch: int | None
    path: str | None
    line: int | None
    kind: str
    state: Literal["open", "answered", "agreed", "done", "dropped"]
    text: str
    answers: tuple[str, ...]


class NotExaminedV1(Struct, frozen=True, kw_only=True):
    """Something that was not looked at, and why."""

    patch: int | None
    path: str | None
    reason: str


class HiddenV1(Struct, frozen=True, kw_only=True):
    """Findings that are counted and not listed."""

    existing: int
    suppressed: int


class SummaryV1(Struct, frozen=True, kw_only=True):
    """The counts."""

    error: int
    warning: int
    note: int
    sites: int
    hidden: HiddenV1


class ReviewV1(Struct, frozen=True, kw_only=True):
    """`tdxreview review --format json`."""

    schema: Literal["tdxreview.review/1"]
    tool: ToolV1
    depth: Literal["patch", "tree"]
    base: BaseV1 | None
    series: SeriesV1
    sites: tuple[SiteV1, ...]
    findings: tuple[FindingV1, ...]
    remarks: tuple[RemarkV1, ...]
    not_examined: tuple[NotExaminedV1, ...]
    summary: SummaryV1


class SitesV1(Struct, frozen=True, kw_only=True):
    """`tdxreview sites --format json`; `summary` counts the sites by verdict."""

    schema: Literal["tdxreview.sites/1"]
    tool: ToolV1
    depth: Literal["patch", "tree"]
    base: BaseV1 | None
    series: SeriesV1
    sites: tuple[SiteV1, ...]
    not_examined: tuple[NotExaminedV1, ...]
    summary: dict[Literal["ok", "caller", "unknown", "violated"], int]


class ScanV1(Struct, frozen=True, kw_only=True):
    """`tdxreview scan --format json`: a tree without a patch."""

    schema: Literal["tdxreview.scan/1"]
    tool: ToolV1
    base: BaseV1 | None
    sites: tuple[SiteV1, ...]
    findings: tuple[FindingV1, ...]
    not_examined: tuple[NotExaminedV1, ...]
    summary: SummaryV1


class FactV1(Struct, frozen=True, kw_only=True):
    """A fact with its values, one or for a set any number, and the steps that show it."""

    name: str
    values: tuple[str, ...]
    evidence: tuple[StepV1, ...]


class MissV1(Struct, frozen=True, kw_only=True):
    """A fact that has none of the values that a clause asks for."""

    fact: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]


class ClauseV1(Struct, frozen=True, kw_only=True):
    """A clause of a rule; `line` is where it stands in the rule's file."""

    kind: Literal["when", "unless"]
    line: int
    holds: bool
    missed: tuple[MissV1, ...]


class AskedV1(Struct, frozen=True, kw_only=True):
    """How the rule of `--rule` comes out for a subject."""

    rule: str
    matches: bool
    clauses: tuple[ClauseV1, ...]


class SubjectV1(Struct, frozen=True, kw_only=True):
    """What rules are about; `names` are its texts by field, `rules` the ids of those that match."""

    about: str
    path: str
    line: int
    end_line: int
    function: str
    partial: bool
    names: dict[str, str]
    facts: tuple[FactV1, ...]
    rules: tuple[str, ...]
    asked: AskedV1 | None


class FactsV1(Struct, frozen=True, kw_only=True):
    """`tdxreview facts --format json`; `summary` counts the subjects by kind."""

    schema: Literal["tdxreview.facts/1"]
    tool: ToolV1
    rule: str | None
    subjects: tuple[SubjectV1, ...]
    not_examined: tuple[NotExaminedV1, ...]
    summary: dict[str, int]


Document = ReviewV1 | SitesV1 | ScanV1 | FactsV1
"""Everything that we print as JSON."""
