"""Rules and findings as values."""

from enum import StrEnum
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.facts.calls.schema import Wanted
from tdxreview.facts.model import Subject
from tdxreview.facts.vocabulary import WAY_WORDS
from tdxreview.source.place import Place, Step


class Severity(StrEnum):
    """How bad; the order of the members is the order of gravity."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """Give the place in the order of gravity, 0 for the gravest."""
        return tuple(Severity).index(self)


class Confidence(StrEnum):
    """How sure."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Origin(StrEnum):
    """What the series has to do with a finding."""

    NEW = "new"
    AFFECTED = "affected"
    MOVED = "moved"
    EXISTING = "existing"


SITE, CALL = "site", "call"
"""The kinds that there are ways to."""


class Clause(Struct, frozen=True):
    """Fields of a subject with the values that match: all fields must hold, any value may.

    `severity` is that of what it finds, where it is milder than the rule's.
    """

    wanted: tuple[tuple[str, frozenset[str]], ...]
    line: int
    severity: Severity | None = None


THREAD = "thread"
"""The path of an example that is mails and no file."""


class Example(Struct, frozen=True, kw_only=True):
    """A piece of code that a rule flags or leaves alone.

    `marked` holds the 1-based lines of `code` that carry the mark, which `code` and `before`
    themselves do not have any more; `line` is where the example stands in the rule file. `path`
    names the file the code is taken for. `before` is the file's text without the patch (None:
    the file is new). `files` are further files, path and text, that the patch leaves alone.
    `notes_allowed` says of a clean example that notes may be raised on it. A thread is mails
    instead of code (`rules/example_mails.py` says how they are written); `base` says what a tree
    knows of its base, where it is to be reviewed with one.
    """

    name: str
    path: str
    code: str
    before: str | None
    marked: tuple[int, ...]
    line: int
    files: tuple[tuple[str, str], ...] = ()
    notes_allowed: bool = False
    base: str = "unknown"

    @property
    def is_thread(self) -> bool:
        """Tell whether the text is mails."""
        return self.path == THREAD


class Rule(Struct, frozen=True, kw_only=True):
    """One rule, as its file says it.

    `follows` names the rules whose findings may be the cause of one of this rule, the likeliest
    first.
    """

    id: str
    family: str
    title: str
    severity: Severity
    confidence: Confidence
    about: str
    message: str
    why: str
    fix: str
    false_alarms: str
    references: tuple[str, ...]
    when: tuple[Clause, ...]
    unless: tuple[Clause, ...]
    flagged: tuple[Example, ...]
    clean: tuple[Example, ...]
    limits: tuple[Example, ...]
    source: str
    follows: tuple[str, ...] = ()


class RuleSet(Struct, frozen=True, kw_only=True, dict=True):
    """All rules of one or more folders, sorted by id; no id is there twice.

    `left_out` names the families and rules that somebody does not want to be judged by.
    """

    rules: tuple[Rule, ...]
    left_out: tuple[str, ...] = ()

    def without_examples(self) -> "RuleSet":
        """Give the rules as far as a review needs them."""
        return RuleSet(
            rules=tuple(replace(rule, flagged=(), clean=(), limits=()) for rule in self.rules)
        )

    @cached_property
    def of_kind(self) -> dict[str, tuple[Rule, ...]]:
        """Give the rules about each kind of subject, for the kinds that have rules."""
        kinds = dict.fromkeys(rule.about for rule in self.rules)
        return {kind: tuple(r for r in self.rules if r.about == kind) for kind in kinds}

    @cached_property
    def wanted(self) -> Wanted:
        """Tell which of the facts that cost time some rule asks for."""
        ways = {rule.about for rule in self.rules if _names_ways(rule)}
        return Wanted(
            site_ways=SITE in ways,
            calls=any(rule.about == CALL for rule in self.rules),
            call_ways=CALL in ways,
        )

    @cached_property
    def of_id(self) -> dict[str, Rule]:
        """Give the rule of an id."""
        return {rule.id: rule for rule in self.rules}


def _names_ways(rule: Rule) -> bool:
    clauses = (*rule.when, *rule.unless)
    return any(word in WAY_WORDS for clause in clauses for word, _ in clause.wanted)


class Finding(Struct, frozen=True, kw_only=True):
    """One thing wrong at one place.

    `patch` is the position of the patch that is to blame; `fingerprint` has no line number in
    it, so that it is the same in the next revision. `why` is the rule's own text.
    `side` is "before" where `place` counts in the pre-image (removed code). `last` is the place's
    line in the last state of the series, as path and number; None where it is gone there.
    `last_trace` is the same for each step of the trace, and `repaired_by` the counter of the
    patch that repairs it later in the series. `consequences` are findings that only follow from it.
    """

    rule: str
    family: str
    severity: Severity
    confidence: Confidence
    message: str
    why: str
    fix: str
    references: tuple[str, ...]
    subject: Subject | None
    place: Place | None
    function: str
    trace: tuple[Step, ...]
    fingerprint: str
    origin: Origin = Origin.NEW
    patch: int | None = None
    side: str = "after"
    remarks: tuple[str, ...] = ()
    last: tuple[str, int] | None = None
    last_trace: tuple[tuple[str, int] | None, ...] = ()
    repaired_by: str = ""
    consequences: "tuple[Finding, ...]" = ()
