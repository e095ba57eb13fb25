"""Why a rule matches a subject, or which clause failed on which fact."""

from msgspec import Struct

from tdxreview.facts.model import Subject
from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of, values_of
from tdxreview.rules.matching import is_of_ways, name_of
from tdxreview.rules.model import Clause, Rule
from tdxreview.rules.patterns import is_one_of
from tdxreview.rules.ways import way_to

NO_WAY = "on no way in view"
FACTS = {kind: facts_of(about) for about, kind in KINDS.items()}


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
    missed = [
        Miss(word, tuple(sorted(wanted)), found)
        for word, wanted in clause.wanted
        if (found := _instead(word, wanted, subject, excludes=excludes)) is not None
    ]
    return ClauseOutcome(excludes, clause.line, tuple(missed))


def _instead(
    word: str, wanted: frozenset[str], subject: Subject, *, excludes: bool
) -> tuple[str, ...] | None:
    """Give what a word is instead of what a clause asks for, None where it is as asked."""
    if is_of_ways(word, subject):
        return None if _is_on_ways(word, wanted, subject, excludes=excludes) else (NO_WAY,)
    if word in FACTS.get(type(subject), ()):
        found = values_of(subject, word)
        return tuple(sorted(map(str, found))) if wanted.isdisjoint(found) else None
    name = name_of(subject, word)
    if is_one_of(name, wanted) if name else excludes:
        return None
    return (name or "unknown",)


def _is_on_ways(word: str, wanted: frozenset[str], subject: Subject, *, excludes: bool) -> bool:
    ways = getattr(subject, "ways", None)
    if excludes:
        return way_to(ways, (), [((word, wanted),)]) is None
    return way_to(ways, ((word, wanted),), ()) is not None
