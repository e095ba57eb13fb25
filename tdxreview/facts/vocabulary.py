"""What a kind of subject can say, read off its class: nothing is listed twice."""

import inspect
from enum import StrEnum
from functools import cache
from typing import get_args, get_origin, get_type_hints

from tdxreview.facts.model import Subject
from tdxreview.facts.registry import KINDS


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
