"""What a kind of subject can say, read off its class: nothing is listed twice."""

import inspect
from enum import StrEnum
from functools import cache
from typing import get_args, get_origin, get_type_hints

from tdxreview.facts.calls.schema import OnWays
from tdxreview.facts.model import Subject
from tdxreview.facts.registry import KINDS
from tdxreview.kernel.context import Held, Section

PATH = "path"
WAY_WORDS: dict[str, frozenset[str]] = {
    "caller": frozenset(),
    "caller_section": frozenset(Section),
    "entry": frozenset(),
    "held": frozenset(Held) - {Held.UNKNOWN},
    "lock": frozenset(),
}
"""What rules can ask of the ways to a call, each with its values; patterns where there are none."""
WORD_MEANINGS = {
    PATH: "The file that it stands in, from the top of the tree; `*` goes across folders.",
    "function": "The function that it stands in.",
    "callee": "The function or macro that is called, as the code names it.",
    "leaf": "The SEAMCALL leaf, as the ABI names it (`TDH.SYS.RD`).",
    "needs": "The state of `rules/protocol.yml` that it needs, and that `needed` tells of.",
    "caller": "A function from which it is come to, at any distance, also one that hands over what "
    "makes it. In `unless`: every way comes through such a function.",
    "caller_section": "The section of such a function.",
    "entry": "The entry point of `rules/protocol.yml` at which the kernel begins.",
    "held": "What is held or holds there, or at a call on the way: a kind of lock, `irqs-off` ...",
    "lock": "A lock by name that is held or asserted there, or at a call on the way: the variable, "
    "or the last member.",
}
"""What the words say that are names of the code's and no facts."""


@cache
def facts_of(about: str) -> dict[str, frozenset[str]]:
    """Give the facts of a kind with their closed lists of values; KeyError for an unknown kind."""
    enums = {name: _enum_of(hint) for name, hint in _hints_of(about).items()}
    return {
        name: frozenset(member.value for member in enum)
        for name, enum in enums.items()
        if enum is not None
    }


@cache
def texts_of(about: str) -> tuple[str, ...]:
    """Give the fields of a kind that are free text: they name the subject, no rule asks them."""
    return tuple(name for name, hint in _hints_of(about).items() if hint is str)


@cache
def names_of(about: str) -> dict[str, frozenset[str]]:
    """Give the words of a kind that rules ask with patterns, or that are about ways to it.

    With each its closed list of values; of a word that takes patterns it is empty.
    """
    open_words = dict.fromkeys((*texts_of(about), PATH), frozenset[str]())
    return open_words | (WAY_WORDS if issubclass(KINDS[about], OnWays) else {})


def meaning_of(about: str, fact: str) -> str:
    """Give in a sentence or two what a fact says, as its list of values is described."""
    enum = _enum_of(_hints_of(about)[fact])
    return " ".join((inspect.getdoc(enum) or "").split()) if enum else ""


def _hints_of(about: str) -> dict[str, object]:
    kind = KINDS[about]
    hints = get_type_hints(kind)
    return {name: hints[name] for name in kind.__struct_fields__}


def _enum_of(hint: object) -> type[StrEnum] | None:
    if get_origin(hint) is frozenset:
        (hint,) = get_args(hint)
    return hint if isinstance(hint, type) and issubclass(hint, StrEnum) else None


def values_of(subject: Subject, fact: str) -> frozenset[str]:
    """Give the values that a fact has: one, or for a set any number."""
    value = getattr(subject, fact)
    return frozenset(value) if isinstance(value, frozenset) else frozenset({value})
