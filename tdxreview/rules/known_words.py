"""Words of rules that data tells of: states and entry points of `rules/protocol.yml`."""

from collections.abc import Iterator

from tdxreview.data.reading import nearest
from tdxreview.errors import RuleError
from tdxreview.facts.calls.schema import OnWays
from tdxreview.facts.life.effects import states
from tdxreview.facts.registry import KINDS
from tdxreview.kernel.knowledge import Abi
from tdxreview.rules.model import Rule, RuleSet
from tdxreview.rules.patterns import is_one_of
from tdxreview.rules.renamed import value_now

NEEDS, ENTRY = "needs", "entry"


def check_words(rules: RuleSet, abi: Abi) -> None:
    """Refuse a rule that asks for a state or an entry point which the data does not know.

    RuleError with file and line.
    """
    for rule in rules.rules:
        known = words_of(rule.about, abi)
        for line, word, text in _asked(rule):
            if word in known and not any(is_one_of(name, [text]) for name in known[word]):
                raise RuleError(rule.source, line, _said(word, text, known[word]))


def _asked(rule: Rule) -> Iterator[tuple[int, str, str]]:
    for clause in (*rule.when, *rule.unless):
        for word, texts in clause.wanted:
            yield from ((clause.line, word, text) for text in sorted(texts))


def words_of(about: str, abi: Abi) -> dict[str, frozenset[str]]:
    """Give the words of a kind that data tells of, with what it knows."""
    known: dict[str, frozenset[str]] = {}
    if NEEDS in KINDS[about].__struct_fields__:
        known[NEEDS] = frozenset(states(tuple(state.name for state in abi.states)))
    if issubclass(KINDS[about], OnWays):
        known[ENTRY] = frozenset(point.name for point in abi.entry_points)
    return known


def _said(word: str, text: str, known: frozenset[str]) -> str:
    what = "state that a step can need" if word == NEEDS else "entry point"
    return value_now(word, text) or f"no {what} is called `{text}`; {nearest(text, known)}"


def unasked(rules: RuleSet, abi: Abi) -> tuple[str, ...]:
    """Give the states that a function or a leaf needs, and that no rule asks for."""
    asked = {
        text
        for rule in rules.rules
        for clause in rule.when
        for word, texts in clause.wanted
        if word == NEEDS
        for text in texts
    }
    needed = {
        state.partition("@")[0]
        for contract in (*abi.leaf_contracts, *abi.contracts)
        for state in states(contract.requires)
    }
    return tuple(sorted(state for state in needed if not is_one_of(state, asked)))
