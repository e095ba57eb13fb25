"""Rules as JSON: what is checked, why, what to do, and the examples that show it."""

from tdxreview.report import contract
from tdxreview.report.json_report import document_text, tool_of
from tdxreview.report.view import PLAIN, View
from tdxreview.rules.model import Example, Rule, RuleSet


def json_rules(rules: RuleSet, view: View = PLAIN) -> str:
    """Give the document `tdxreview.rules/1`."""
    return document_text(
        contract.RulesV1(
            schema="tdxreview.rules/1", tool=tool_of(view), rules=tuple(map(_rule, rules.rules))
        )
    )


def json_rule(rule: Rule, view: View = PLAIN) -> str:
    """Give the document `tdxreview.rules/1` with one rule in it."""
    return json_rules(RuleSet(rules=(rule,)), view)


def _rule(rule: Rule) -> contract.RuleV1:
    return contract.RuleV1(
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


def _example(example: Example) -> contract.ExampleV1:
    return contract.ExampleV1(
        name=example.name,
        path=example.path,
        before=example.before,
        code=example.code,
        marked=example.marked,
    )
