"""The JSON documents, structure by structure: a contract of its own, apart from our values.

Within one version fields are only ever added. `line` counts in the post-image, or in the
pre-image where `side` is "before".
"""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class ToolV1(Struct, frozen=True, kw_only=True):
    """The program that wrote the document, and what it judges by.

    `rules` is a digest of all rules and data, `kernels` and `modules` are the releases of Linux
    and the versions of the TDX module that these were written for.
    """

    name: str
    version: str
    rules: str | None = None
    kernels: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


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
    """One step of a trace, with the whole path of its file.

    In a finding's trace `last_line` is where the line is in the last state of the series, null
    where it is gone there.
    """

    path: str
    line: int
    text: str
    last_line: int | UnsetType | None = UNSET


class SiteV1(Struct, frozen=True, kw_only=True):
    """A SEAMCALL site; `status_use` says what becomes of the completion status.

    `line` counts in the state that its own patch creates, `last_line` in the last state of the
    series, in which `evidence` counts as well; it is null where the line is gone there or cannot
    be told. `last_path` is there where a later patch renamed the file. Columns count characters
    from 1, `end_column` is the one behind; null where the whole line is meant.
    """

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
    column: int | None
    end_column: int | None
    last_line: int | None
    last_path: str | UnsetType = UNSET


class FindingV1(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong; path and lines are null where it is about the series as a whole.

    `line` counts in the state that its patch creates, `last_line` in the last state of the
    series; `last_line` is null where the line is gone there or cannot be told. `last_path` is
    there where a later patch renamed the file. Columns count characters from 1, `end_column` is
    the one behind; null where the whole line is meant. `why` is the rule's reason, `code` the
    statements that it is about, its own first, as words with a blank between two. `consequences`
    are what only follows from it: no findings of their own, and counted nowhere.
    """

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
    column: int | None
    end_column: int | None
    last_line: int | None
    why: str
    last_path: str | UnsetType = UNSET
    side: Literal["after", "before"] = "after"
    code: tuple[str, ...] = ()
    consequences: "tuple[FindingV1, ...]" = ()


class AnswerV1(Struct, frozen=True, kw_only=True):
    """What somebody wrote under a remark; `date` is null where only a quote holds it."""

    author: str | None
    text: str
    message_id: str
    date: str | None


class RemarkV1(Struct, frozen=True, kw_only=True):
    """Something that somebody wrote about a series; `author` is null where nothing says who.

    `on` tells what it hangs on and `quote` is the last quoted line above it; `path` and `line`
    are null where that is no line of a diff that is known. `why` are the words that decided.
    """

    message_id: str
    author: str | None
    date: str | None
    revision: int | None
    patch: int | None
    path: str | None
    line: int | None
    side: Literal["after", "before"]
    on: Literal["line", "message", "cover", "patch"]
    quote: str | None
    kind: Literal[
        "question", "request", "suggestion", "nit", "objection", "approval", "information"
    ]
    state: Literal["open", "answered", "agreed", "done", "dropped"]
    text: str
    why: str
    answers: tuple[AnswerV1, ...]


class NotExaminedV1(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was not looked at, and why; `on_purpose` leaves the exit status alone."""

    patch: int | None
    path: str | None
    reason: str
    on_purpose: bool = False


class InPartV1(Struct, frozen=True, kw_only=True):
    """A function on the way to a SEAMCALL that was not seen whole; the exit status is unmoved."""

    patch: int | None
    path: str
    function: str
    reason: str


class LetGoV1(Struct, frozen=True, kw_only=True):
    """Something that has nothing to do with SEAMCALL; of a file `reason` says by which words."""

    patch: int | None
    path: str | None
    reason: str


class HiddenV1(Struct, frozen=True, kw_only=True):
    """Findings that are counted and not listed."""

    existing: int
    suppressed: int
    baseline: int = 0
    paths: int = 0


class HiddenFindingV1(Struct, frozen=True, kw_only=True):
    """A finding that the user knows of and that does not count, and what hides it.

    `where` is the entry of the suppression file, `until` the last day on which it holds.
    """

    by: Literal["suppression", "baseline", "path"]
    reason: str
    where: str
    until: str
    finding: FindingV1


class SpentV1(Struct, frozen=True, kw_only=True):
    """A suppression that hides nothing: it ended, finds nothing, or its code has changed."""

    where: str
    state: Literal["expired", "unused", "changed"]
    until: str


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
    examined_in_part: tuple[InPartV1, ...] = ()
    let_go: tuple[LetGoV1, ...] = ()
    summary: SummaryV1
    hidden: tuple[HiddenFindingV1, ...] = ()
    spent_suppressions: tuple[SpentV1, ...] = ()
    as_of: str | None = None
    rules_left_out: tuple[str, ...] = ()


class SitesV1(Struct, frozen=True, kw_only=True):
    """`tdxreview sites --format json`; `summary` counts the sites by verdict."""

    schema: Literal["tdxreview.sites/1"]
    tool: ToolV1
    depth: Literal["patch", "tree"]
    base: BaseV1 | None
    series: SeriesV1
    sites: tuple[SiteV1, ...]
    not_examined: tuple[NotExaminedV1, ...]
    examined_in_part: tuple[InPartV1, ...] = ()
    let_go: tuple[LetGoV1, ...] = ()
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
    hidden: tuple[HiddenFindingV1, ...] = ()
    spent_suppressions: tuple[SpentV1, ...] = ()
    as_of: str | None = None
    rules_left_out: tuple[str, ...] = ()
