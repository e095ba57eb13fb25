"""What the analysis believes of a piece of code, subject by subject, for the reports to write."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from tdxreview.facts.model import Gathered, Subject
from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of, texts_of, values_of
from tdxreview.review.inventory import lines_of
from tdxreview.review.model import CodeLine
from tdxreview.rules.explain import Explanation, explain
from tdxreview.rules.model import Rule, RuleSet
from tdxreview.source.model import Image, NotExamined
from tdxreview.source.place import Step

ABOUT = {kind: about for about, kind in KINDS.items()}
UNKNOWN = ("unknown",)


class Belief(Struct, frozen=True):
    """A fact with its sorted values, one or for a set any number, and the steps that show it."""

    fact: str
    values: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def known(self) -> bool:
        """Tell whether anything is known."""
        return self.values != UNKNOWN or bool(self.steps)


class SubjectSheet(Struct, frozen=True, kw_only=True):
    """A subject of a kind: the code that it stands on, its names, what is believed of it.

    `matched` are the ids of the rules that make a finding of it; `asked` says how the rule that
    was asked for comes out.
    """

    about: str
    subject: Subject
    code: tuple[CodeLine, ...]
    names: tuple[tuple[str, str], ...]
    beliefs: tuple[Belief, ...]
    matched: tuple[str, ...]
    asked: Explanation | None


class FactSheet(Struct, frozen=True, kw_only=True):
    """All that is believed of the code in an input; `rule` is the one that was asked for."""

    taken_for: str
    rule: Rule | None
    subjects: tuple[SubjectSheet, ...]
    not_examined: tuple[NotExamined, ...]


def fact_sheet(
    gathered: Gathered,
    images: Mapping[str, Image],
    rules: RuleSet,
    *,
    rule: Rule | None,
    taken_for: str,
) -> FactSheet:
    """Put together what is believed; with `rule` only of the subjects that it is about.

    Subjects of kinds that no rule can be about are left out.
    """
    return FactSheet(
        taken_for=taken_for,
        rule=rule,
        subjects=tuple(
            _sheet(subject, images, rules, rule)
            for subject in gathered.subjects
            if type(subject) in ABOUT and (rule is None or ABOUT[type(subject)] == rule.about)
        ),
        not_examined=gathered.not_examined,
    )


def _sheet(
    subject: Subject, images: Mapping[str, Image], rules: RuleSet, rule: Rule | None
) -> SubjectSheet:
    about = ABOUT[type(subject)]
    place = subject.place
    held = (explain(each, subject) for each in rules.of_kind.get(about, ()))
    return SubjectSheet(
        about=about,
        subject=subject,
        code=lines_of(images, place.path, range(place.line, place.end_line + 1)),
        names=tuple(_names(subject, about)),
        beliefs=tuple(_beliefs(subject, about)),
        matched=tuple(each.rule.id for each in held if each.matches),
        asked=explain(rule, subject) if rule else None,
    )


def _names(subject: Subject, about: str) -> Iterator[tuple[str, str]]:
    for name in texts_of(about):
        if name != "function":
            yield name, getattr(subject, name)


def _beliefs(subject: Subject, about: str) -> Iterator[Belief]:
    for fact in sorted(facts_of(about)):
        values = tuple(sorted(str(value) for value in values_of(subject, fact)))
        yield Belief(fact, values, subject.steps(fact))
