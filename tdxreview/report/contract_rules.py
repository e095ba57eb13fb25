"""The JSON documents of rules and facts as they are written, structure by structure."""

from typing import Literal

from msgspec import Struct

from tdxreview.report.contract import ToolV1


class ExampleV1(Struct, frozen=True, kw_only=True):
    """Code that a rule flags or leaves alone; `marked` are the lines of `code` that are flagged."""

    name: str
    path: str
    before: str | None
    code: str
    marked: tuple[int, ...]


class RuleV1(Struct, frozen=True, kw_only=True):
    """A rule with its text and its examples; `limits` are what it gets wrong today."""

    id: str
    family: str
    title: str
    severity: Literal["error", "warning", "note"]
    confidence: Literal["high", "medium", "low"]
    about: str
    why: str
    fix: str
    false_alarms: str
    references: tuple[str, ...]
    flagged: tuple[ExampleV1, ...]
    clean: tuple[ExampleV1, ...]
    limits: tuple[ExampleV1, ...]


class RulesV1(Struct, frozen=True, kw_only=True):
    """`tdxreview rules list --format json`, and `rules show` with one rule in it."""

    schema: Literal["tdxreview.rules/1"]
    tool: ToolV1
    rules: tuple[RuleV1, ...]


class AskedByV1(Struct, frozen=True, kw_only=True):
    """A rule that asks for a value; one that `excuses` spares what has it."""

    rule: str
    value: str
    excuses: bool


class FactKindV1(Struct, frozen=True, kw_only=True):
    """A fact of one kind of subject."""

    about: str
    meaning: str
    values: tuple[str, ...]
    asked_by: tuple[AskedByV1, ...]


class FactPageV1(Struct, frozen=True, kw_only=True):
    """`tdxreview rules show FACT --format json`."""

    schema: Literal["tdxreview.fact/1"]
    tool: ToolV1
    name: str
    kinds: tuple[FactKindV1, ...]


class GlossaryV1(Struct, frozen=True, kw_only=True):
    """`tdxreview rules glossary --format json`."""

    schema: Literal["tdxreview.glossary/1"]
    tool: ToolV1
    words: dict[str, str]
    facts: tuple[str, ...]


class WordV1(Struct, frozen=True, kw_only=True):
    """A fact or name that rules can ask for; one without `values` takes patterns.

    `known` are the names that data has, of which a pattern has to fit one.
    """

    name: str
    meaning: str
    values: tuple[str, ...]
    clause: str
    shown: str
    asked_by: tuple[AskedByV1, ...]
    known: tuple[str, ...] = ()


class KindV1(Struct, frozen=True, kw_only=True):
    """A kind of subject that rules can be about."""

    about: str
    meaning: str
    words: tuple[WordV1, ...]


class VocabularyV1(Struct, frozen=True, kw_only=True):
    """`tdxreview rules facts --format json`."""

    schema: Literal["tdxreview.vocabulary/1"]
    tool: ToolV1
    kinds: tuple[KindV1, ...]
