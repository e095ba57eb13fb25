"""Rules as JSON: what is checked, why, what to do, and the examples that show it."""

from collections.abc import Sequence

from tdxreview.report import contract_rules
from tdxreview.report.json_report import document_text
from tdxreview.report.json_series import tool_of
from tdxreview.report.view import PLAIN, View
from tdxreview.report.words import GLOSSARY, WORDS
from tdxreview.rules.fact_page import Asking, FactPage
from tdxreview.rules.model import Example, Rule, RuleSet
from tdxreview.rules.vocabulary_page import KindPage, WordPage


def json_rules(rules: RuleSet, view: View = PLAIN) -> str:
    """Give the document `tdxreview.rules/1`."""
    return document_text(
        contract_rules.RulesV1(
            schema="tdxreview.rules/1", tool=tool_of(view), rules=tuple(map(_rule, rules.rules))
        )
    )


def json_rule(rule: Rule, view: View = PLAIN) -> str:
    """Give the document `tdxreview.rules/1` with one rule in it."""
    return json_rules(RuleSet(rules=(rule,)), view)


def json_fact(pages: Sequence[FactPage], view: View = PLAIN) -> str:
    """Give the document `tdxreview.fact/1`."""
    kinds = tuple(
        contract_rules.FactKindV1(
            about=page.kind,
            meaning=page.meaning,
            values=page.values,
            asked_by=tuple(map(_asked, page.asked_by)),
        )
        for page in pages
    )
    document = contract_rules.FactPageV1(
        schema="tdxreview.fact/1", tool=tool_of(view), name=pages[0].name, kinds=kinds
    )
    return document_text(document)


def json_glossary(names: Sequence[str], view: View = PLAIN) -> str:
    """Give the document `tdxreview.glossary/1`."""
    return document_text(
        contract_rules.GlossaryV1(
            schema="tdxreview.glossary/1",
            tool=tool_of(view),
            words=GLOSSARY | WORDS,
            facts=tuple(names),
        )
    )


def json_vocabulary(pages: Sequence[KindPage], view: View = PLAIN) -> str:
    """Give the document `tdxreview.vocabulary/1`."""
    kinds = tuple(
        contract_rules.KindV1(
            about=page.kind, meaning=page.meaning, words=tuple(map(_word, page.words))
        )
        for page in pages
    )
    return document_text(
        contract_rules.VocabularyV1(
            schema="tdxreview.vocabulary/1", tool=tool_of(view), kinds=kinds
        )
    )


def _word(page: WordPage) -> contract_rules.WordV1:
    return contract_rules.WordV1(
        name=page.name,
        meaning=page.meaning,
        values=page.values,
        clause=page.clause,
        shown=page.shown,
        asked_by=tuple(map(_asked, page.asked_by)),
        known=page.known,
    )


def _asked(asking: Asking) -> contract_rules.AskedByV1:
    return contract_rules.AskedByV1(rule=asking.rule, value=asking.value, excuses=asking.excuses)


def _rule(rule: Rule) -> contract_rules.RuleV1:
    return contract_rules.RuleV1(
        id=rule.id,
        family=rule.family,
        title=rule.title,
        severity=rule.severity.value,
        confidence=rule.confidence.value,
        about=rule.about,
        why=rule.why,
        fix=rule.fix,
        false_alarms=rule.false_alarms,
        references=rule.references,
        flagged=tuple(map(_example, rule.flagged)),
        clean=tuple(map(_example, rule.clean)),
        limits=tuple(map(_example, rule.limits)),
    )


def _example(example: Example) -> contract_rules.ExampleV1:
    return contract_rules.ExampleV1(
        name=example.name,
        path=example.path,
        before=example.before,
        code=example.code,
        marked=example.marked,
    )
