"""What a fact is: which kinds of subject have it, what its values are, and which rules ask it."""

import inspect
from collections.abc import Iterator

from msgspec import Struct

from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of, meaning_of
from tdxreview.rules.model import Rule, RuleSet


class Asking(Struct, frozen=True):
    """A rule that asks for a value, in a clause that flags or in one that excuses."""

    rule: str
    value: str
    excuses: bool


class FactPage(Struct, frozen=True, kw_only=True):
    """A fact of one kind of subject; `about` says in a sentence what that kind is."""

    name: str
    kind: str
    about: str
    meaning: str
    values: tuple[str, ...]
    asked_by: tuple[Asking, ...]


def fact_names() -> tuple[str, ...]:
    """Give the names of all facts, sorted."""
    return tuple(sorted({name for kind in KINDS for name in facts_of(kind)}))


def fact_pages(name: str, rules: RuleSet) -> tuple[FactPage, ...]:
    """Give the fact of a name for each kind of subject that has it, none for an unknown name."""
    return tuple(_page(name, kind, rules) for kind in KINDS if name in facts_of(kind))


def _page(name: str, kind: str, rules: RuleSet) -> FactPage:
    return FactPage(
        name=name,
        kind=kind,
        about=kind_sentence(kind),
        meaning=meaning_of(kind, name),
        values=tuple(sorted(facts_of(kind)[name])),
        asked_by=tuple(ask for rule in rules.of_kind.get(kind, ()) for ask in asks(rule, name)),
    )


def asks(rule: Rule, fact: str) -> Iterator[Asking]:
    """Give the values that a rule asks of a fact, those of `unless` last."""
    for excuses, clauses in ((False, rule.when), (True, rule.unless)):
        wanted = (values for each in clauses for own, values in each.wanted if own == fact)
        for value in sorted(frozenset[str]().union(*wanted)):
            yield Asking(rule.id, value, excuses)


def kind_sentence(kind: str) -> str:
    """Say what a kind of subject is; empty where Python leaves docstrings out."""
    text = inspect.getdoc(KINDS[kind])
    return " ".join((text or "").split("\n\n")[0].split())
