"""A review: all that the pipeline has to say, for the reports to write down."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from tdxreview.review.finding_code import Code
from tdxreview.rules.model import Finding, Rule, Severity
from tdxreview.series.model import Series
from tdxreview.source.file_kinds import may_hold_code
from tdxreview.source.model import Image, InPart, LetGo, NotExamined
from tdxreview.source.place import Place, Step
from tdxreview.source.tree import Scope
from tdxreview.talk.model import Conversation


class Depth(StrEnum):
    """How much of the code was at hand: the hunks alone, or the tree they apply to."""

    PATCH = "patch"
    TREE = "tree"


class Verdict(StrEnum):
    """Whether what a site requires is shown to hold."""

    OK = "ok"
    CALLER = "caller"
    UNKNOWN = "unknown"
    VIOLATED = "violated"


class SiteRow(Struct, frozen=True, kw_only=True):
    """A SEAMCALL site as the reports show it; `patch` is the position of the patch that brought it.

    `place` counts in the state that this patch creates, `last` is its line in the last state of
    the series, as path and number (None: gone there), which is also what `evidence` counts in.
    `states` are pairs such as (`vmx-on`, `caller`); `status_use` says in words what becomes of
    the status. `variant` names the functions that an instruction stands in.
    """

    patch: int | None
    place: Place
    function: str
    callee: str
    leaf: str
    verdict: Verdict
    states: tuple[tuple[str, str], ...]
    status_use: str
    evidence: tuple[Step, ...]
    variant: str = ""
    last: tuple[str, int] | None = None


class PatchRow(Struct, frozen=True, kw_only=True):
    """A patch of the series as reviewed: its files, whether it was applied, and what was wrong."""

    position: int
    number: int
    label: str
    subject: str
    author: str
    message_id: str | None
    commit: str | None
    files: tuple[str, ...]
    applied: bool
    problem: str | None


class CodeLine(Struct, frozen=True, kw_only=True):
    """A line of code to be shown around a finding.

    `added` marks what the patch brought, or took away where the finding's side is "before".
    """

    number: int
    text: str
    added: bool


class HiddenBy(StrEnum):
    """What hides a finding that a user knows of."""

    SUPPRESSION = "suppression"
    BASELINE = "baseline"
    PATH = "path"


class Hidden(Struct, frozen=True):
    """A finding that is not shown, what hides it, and why; `until` is the last day of that."""

    finding: Finding
    by: HiddenBy
    reason: str
    where: str = ""
    until: str = ""
    code: tuple[str, ...] = ()
    excerpt: tuple[CodeLine, ...] = ()


class Use(StrEnum):
    """What became of a suppression that hides nothing."""

    EXPIRED = "expired"
    UNUSED = "unused"
    CHANGED = "changed"


class Spent(Struct, frozen=True):
    """A suppression that hides nothing: where it stands, and why it does not."""

    where: str
    state: Use
    until: str = ""


class Review(Struct, frozen=True, kw_only=True):
    """The whole result. Tuples are sorted; nothing in it depends on time or machine.

    `taken_for` is one phrase that says what the input was taken for ("an mbox with 3 messages").
    `searched` is the part of a tree that was looked at for code around what is judged, and
    `excerpts` holds, for each finding by index, the lines of code around its place. `let_go` is
    what has nothing to do with SEAMCALL, `examined_in_part` are functions on the way to one that
    were not seen whole, and `conversation` is what was said about the series and its earlier
    revisions.
    `codes` has the code of each finding by index. `hidden` are findings that a user knows of,
    `spent` suppressions that hide nothing, and `as_of` is the day that they were looked at on,
    where one has an end.
    `rules_left_out` names the rules and families that it was not judged by.
    `hidden_existing` and `hidden_suppressed` count what is not shown. `rules` are those that
    found something, without examples, `files` the last state of the files that findings stand in.
    """

    taken_for: str
    depth: Depth
    base: tuple[str, str] | None
    series: Series
    patches: tuple[PatchRow, ...]
    sites: tuple[SiteRow, ...]
    findings: tuple[Finding, ...]
    excerpts: tuple[tuple[CodeLine, ...], ...]
    not_examined: tuple[NotExamined, ...]
    let_go: tuple[LetGo, ...] = ()
    examined_in_part: tuple[InPart, ...] = ()
    searched: Scope | None = None
    conversation: Conversation | None = None
    hidden_existing: int = 0
    hidden_suppressed: int = 0
    codes: tuple[Code, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    spent: tuple[Spent, ...] = ()
    as_of: str = ""
    rules: tuple[Rule, ...] = ()
    rules_left_out: tuple[str, ...] = ()
    files: Mapping[str, Image] = MappingProxyType({})

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def incomplete(self) -> bool:
        """Tell whether code that was given, or what may be code, could not be examined."""
        return any(map(is_gap, self.not_examined))


def is_gap(item: NotExamined) -> bool:
    """Tell whether something that was not examined was given, and is or may be code."""
    if item.absent or item.on_purpose:
        return False
    return item.path is None or may_hold_code(item.path)
