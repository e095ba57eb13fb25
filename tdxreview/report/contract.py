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
    the one behind; null where the whole line is meant. `why` is the rule's reason.
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


class LetGoV1(Struct, frozen=True, kw_only=True):
    """Something that has nothing to do with SEAMCALL; of a file `reason` says by which words."""

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
    let_go: tuple[LetGoV1, ...] = ()
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


class MessageV1(Struct, frozen=True, kw_only=True):
    """One mail; `in_reply_to` is the mail that it answers, also if that is not in the input."""

    message_id: str
    author: str
    date: str | None
    subject: str
    in_reply_to: str | None


class ThreadV1(Struct, frozen=True, kw_only=True):
    """`tdxreview thread --format json`: mails, revisions and remarks, each as they came.

    Nothing is applied for it: every patch says `applied`.
    """

    schema: Literal["tdxreview.thread/1"]
    tool: ToolV1
    messages: tuple[MessageV1, ...]
    series: tuple[SeriesV1, ...]
    remarks: tuple[RemarkV1, ...]


class DeltaV1(Struct, frozen=True, kw_only=True):
    """A line that only one revision adds or removes; `side` tells which, `sign` what it does."""

    side: Literal["old", "new"]
    sign: Literal["+", "-"]
    text: str


class FileDeltaV1(Struct, frozen=True, kw_only=True):
    """The interdiff of one file; `old_path` differs where the file got another name."""

    path: str
    old_path: str
    lines: tuple[DeltaV1, ...]


class PairV1(Struct, frozen=True, kw_only=True):
    """Patches of the old revision and what became of them, by number; either side may be empty.

    `by` says what shows that they are the same patch.
    """

    old: tuple[int, ...]
    new: tuple[int, ...]
    subject: str
    fate: Literal["unchanged", "changed", "new", "dropped", "split", "merged"]
    by: str
    message_changed: bool
    interdiff: tuple[FileDeltaV1, ...]


class RemarkFateV1(Struct, frozen=True, kw_only=True):
    """A remark on an earlier revision, and what the new one did to the lines it is about."""

    remark: RemarkV1
    lines: Literal["same", "near", "changed", "dropped", "unknown"]
    standing: str
    open: bool


class TrailerV1(Struct, frozen=True, kw_only=True):
    """A trailer that a patch still carries, and what changed since it was given."""

    patch: int | None
    trailer: str
    given_to: str
    changed: Literal["nothing", "cosmetics", "other-code", "seamcall-code", "unknown"]
    outdated: bool


class FindingFateV1(Struct, frozen=True, kw_only=True):
    """A finding of the new revision, or one of the old that is fixed."""

    became: Literal["new", "still-there", "fixed"]
    finding: FindingV1


class CompareV1(Struct, frozen=True, kw_only=True):
    """`tdxreview compare --format json`: what became of one revision in the next."""

    schema: Literal["tdxreview.compare/1"]
    tool: ToolV1
    old: SeriesV1
    new: SeriesV1
    patches: tuple[PairV1, ...]
    remarks: tuple[RemarkFateV1, ...]
    trailers: tuple[TrailerV1, ...]
    findings: tuple[FindingFateV1, ...]
    summary: dict[str, int]


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


class WishV1(Struct, frozen=True, kw_only=True):
    """What asks for states at a site: a leaf, a function by its contract, or an assertion."""

    by: str
    states: tuple[str, ...]
    source: str


class PathV1(Struct, frozen=True, kw_only=True):
    """A way to a site; `telling` are the indices of the steps that do something to the state."""

    start: str
    value: str
    steps: tuple[StepV1, ...]
    telling: tuple[int, ...]


class StateV1(Struct, frozen=True, kw_only=True):
    """A state at a site: the worst that a way brings; with `cut` not all ways were followed."""

    name: str
    scope: Literal["cpu", "all-cpus", "module", "td", "vcpu", "page"]
    value: str
    wanted_by: tuple[str, ...]
    paths: tuple[PathV1, ...]
    cut: bool


class TrapV1(Struct, frozen=True, kw_only=True):
    """The instruction that makes a site's SEAMCALL, and whether #UD and #GP are caught there."""

    path: str
    line: int
    caught: Literal["caught", "not-caught", "not-converted", "unknown"]


class WhySiteV1(Struct, frozen=True, kw_only=True):
    """A site with all that is known of it.

    `expected` are statuses that contention or user space can cause, `rules` the ids of those that
    looked at it. `callers` are the sites in C whose SEAMCALL an instruction makes, `on_the_way`
    the findings at callers that make the site violated.
    """

    site: SiteV1
    returns: Literal["status", "errno", "unknown"]
    expected: tuple[str, ...]
    traps: tuple[TrapV1, ...]
    rules: tuple[str, ...]
    findings: tuple[FindingV1, ...]
    wishes: tuple[WishV1, ...]
    states: tuple[StateV1, ...]
    callers: tuple[SiteV1, ...]
    on_the_way: tuple[FindingV1, ...]


class WhyV1(Struct, frozen=True, kw_only=True):
    """`tdxreview why --format json`: the sites on a line of a tree."""

    schema: Literal["tdxreview.why/1"]
    tool: ToolV1
    tree: str
    path: str
    line: int
    sites: tuple[WhySiteV1, ...]
    not_examined: tuple[NotExaminedV1, ...]


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


class SummaryLineV1(Struct, frozen=True, kw_only=True, tag_field="kind", tag="summary"):
    """The last line."""

    summary: SummaryV1


LineV1 = (
    SeriesLineV1 | SiteLineV1 | FindingLineV1 | RemarkLineV1 | NotExaminedLineV1 | SummaryLineV1
)
"""A line of `--format jsonl`."""


class ExampleV1(Struct, frozen=True, kw_only=True):
    """Code that a rule flags or leaves alone; `marked` are the lines of `code` that are flagged."""

    name: str
    path: str
    before: str | None
    code: str
    marked: tuple[int, ...]


class RuleV1(Struct, frozen=True, kw_only=True):
    """A rule with its text and its examples; `limits` are what it gets wrong today."""

    id: str
    family: str
    title: str
    severity: Literal["error", "warning", "note"]
    confidence: Literal["high", "medium", "low"]
    about: str
    why: str
    fix: str
    false_alarms: str
    references: tuple[str, ...]
    flagged: tuple[ExampleV1, ...]
    clean: tuple[ExampleV1, ...]
    limits: tuple[ExampleV1, ...]


class RulesV1(Struct, frozen=True, kw_only=True):
    """`tdxreview rules list --format json`, and `rules show` with one rule in it."""

    schema: Literal["tdxreview.rules/1"]
    tool: ToolV1
    rules: tuple[RuleV1, ...]


class AskedByV1(Struct, frozen=True, kw_only=True):
    """A rule that asks for a value; one that `excuses` spares what has it."""

    rule: str
    value: str
    excuses: bool


class FactKindV1(Struct, frozen=True, kw_only=True):
    """A fact of one kind of subject."""

    about: str
    meaning: str
    values: tuple[str, ...]
    asked_by: tuple[AskedByV1, ...]


class FactPageV1(Struct, frozen=True, kw_only=True):
    """`tdxreview rules show FACT --format json`."""

    schema: Literal["tdxreview.fact/1"]
    tool: ToolV1
    name: str
    kinds: tuple[FactKindV1, ...]


class GlossaryV1(Struct, frozen=True, kw_only=True):
    """`tdxreview rules glossary --format json`."""

    schema: Literal["tdxreview.glossary/1"]
    tool: ToolV1
    words: dict[str, str]
    facts: tuple[str, ...]


Document = (
    ReviewV1
    | SitesV1
    | ScanV1
    | FactsV1
    | WhyV1
    | ThreadV1
    | CompareV1
    | RulesV1
    | FactPageV1
    | GlossaryV1
)
"""Everything that we print as JSON."""
