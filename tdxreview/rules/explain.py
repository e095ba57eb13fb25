"""Why a rule matches a subject, or which clause failed on which fact."""

from msgspec import Struct

from tdxreview.facts.model import Subject
from tdxreview.facts.vocabulary import values_of
from tdxreview.rules.model import Clause, Rule


class Miss(Struct, frozen=True):
    """A fact that a clause asks for, and that has none of the values asked for."""

    fact: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]


class ClauseOutcome(Struct, frozen=True):
    """What a clause of a rule makes of a subject; `line` is where it stands in the rule's file.

    `excludes` tells a clause of `unless` from one of `when`.
    """

    excludes: bool
    line: int
    missed: tuple[Miss, ...]

    @property
    def holds(self) -> bool:
        """Tell whether every fact of the clause is as it asks."""
        return not self.missed


class Explanation(Struct, frozen=True):
    """A rule held against a subject of its kind, clause by clause."""

    rule: Rule
    clauses: tuple[ClauseOutcome, ...]

    @property
    def matches(self) -> bool:
        """Tell whether the rule makes a finding of the subject."""
        excluded = any(each.holds for each in self.clauses if each.excludes)
        return not excluded and any(each.holds for each in self.clauses if not each.excludes)


def explain(rule: Rule, subject: Subject) -> Explanation:
    """Hold a rule against a subject of the kind that it is about."""
    when = [_outcome(clause, subject, excludes=False) for clause in rule.when]
    unless = [_outcome(clause, subject, excludes=True) for clause in rule.unless]
    return Explanation(rule, (*when, *unless))


def _outcome(clause: Clause, subject: Subject, *, excludes: bool) -> ClauseOutcome:
    asked = [(fact, wanted, values_of(subject, fact)) for fact, wanted in clause.wanted]
    missed = tuple(
        Miss(fact, tuple(sorted(wanted)), tuple(sorted(map(str, found))))
        for fact, wanted, found in asked
        if wanted.isdisjoint(found)
    )
    return ClauseOutcome(excludes, clause.line, missed)
