"""All that rules can ask for: kinds, facts, values and words, with an example of each."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import (
    WAY_WORDS,
    WORD_MEANINGS,
    facts_of,
    meaning_of,
    names_of,
    texts_of,
)
from tdxreview.kernel.knowledge import Abi
from tdxreview.rules.fact_page import Asking, asks, kind_sentence
from tdxreview.rules.known_words import words_of
from tdxreview.rules.model import Example, Rule, RuleSet


class WordPage(Struct, frozen=True, kw_only=True):
    """A fact or a name that rules can ask for; `values` are empty where it takes patterns.

    `known` are the names that data has for it, of which a pattern has to fit one.
    `clause` asks for it as a rule does, and `shown` is a line of code that a rule flags by it.
    """

    name: str
    meaning: str
    values: tuple[str, ...]
    known: tuple[str, ...] = ()
    clause: str
    shown: str
    asked_by: tuple[Asking, ...]


class KindPage(Struct, frozen=True, kw_only=True):
    """A kind of subject: what it is in a sentence, and the words for rules about it."""

    kind: str
    meaning: str
    words: tuple[WordPage, ...]


def vocabulary(rules: RuleSet, abi: Abi, word: str = "") -> tuple[KindPage, ...]:
    """Give the words of every kind; with `word` those that have it in their name or texts."""
    pages = (_kind(kind, rules, abi, word.casefold()) for kind in KINDS)
    return tuple(page for page in pages if page.words)


def _kind(kind: str, rules: RuleSet, abi: Abi, wanted: str) -> KindPage:
    meaning = kind_sentence(kind)
    own = tuple(_words(kind, rules.of_kind.get(kind, ()), words_of(kind, abi)))
    if wanted not in f"{kind} {meaning}".casefold():
        own = tuple(each for each in own if wanted in _said(each))
    return KindPage(kind=kind, meaning=meaning, words=own)


def _said(page: WordPage) -> str:
    return " ".join((page.name, page.meaning, *page.values, *page.known)).casefold()


def _words(
    kind: str, rules: tuple[Rule, ...], known: Mapping[str, frozenset[str]]
) -> Iterator[WordPage]:
    for fact, values in facts_of(kind).items():
        asking = tuple(ask for rule in rules for ask in asks(rule, fact))
        flagging = next((each for each in asking if not each.excuses), None)
        some = flagging.value if flagging else min(values - {"unknown"}, default="unknown")
        yield WordPage(
            name=fact,
            meaning=meaning_of(kind, fact),
            values=tuple(sorted(values)),
            clause=f"{fact}: [{some}]",
            shown=_shown(rules, flagging.rule) if flagging else "",
            asked_by=asking,
        )
    for name, values in names_of(kind).items():
        yield WordPage(
            name=name,
            meaning=_meaning(kind, name),
            values=tuple(sorted(values)),
            known=tuple(sorted(known.get(name, ()))),
            clause=f"{name}: [{min(values, default=EXAMPLES.get(name, 'tdx_*'))}]",
            shown="",
            asked_by=tuple(ask for rule in rules for ask in asks(rule, name)),
        )


EXAMPLES = {
    "path": "arch/x86/kvm/*",
    "leaf": "TDH.SYS.*",
    "callee": "seamcall*",
    "lock": "tdx_module_lock",
    "entry": "CPU online callback",
    "needs": "lp-init",
}
"""Patterns that show how a word is asked for."""


def _meaning(kind: str, name: str) -> str:
    if name in texts_of(kind) and name in WAY_WORDS:
        return f"The text `{name}` of messages."
    return WORD_MEANINGS.get(name, f"The text `{name}` of messages.")


def _shown(rules: tuple[Rule, ...], name: str) -> str:
    """Give the first line of code that a rule flags in its examples, empty if that is a mail."""
    rule = next(each for each in rules if each.id == name)
    return next((_line(each) for each in rule.flagged if not each.is_thread), "")


def _line(example: Example) -> str:
    lines = example.code.split("\n")
    return " ".join(lines[min(example.marked) - 1].split())
