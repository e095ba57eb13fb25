"""Rules as text for a terminal."""

from tdxreview.report.view import View
from tdxreview.rules.model import Rule, RuleSet
from tdxreview.rules.terminal_page import rule_list
from tdxreview.rules.terminal_page import rule_text as page_of


def rules_text(rules: RuleSet, _view: View) -> str:
    """Give one line a rule: id, severity and what is wrong, sorted by id."""
    return rule_list(rules)


def rule_text(rule: Rule, _view: View) -> str:
    """Give everything about one rule."""
    return page_of(rule)
