"""What a command judges by: the rules and the ABI that come with the tool, and the user's own."""

from collections.abc import Sequence
from pathlib import Path

from tdxreview.review import Knowledge
from tdxreview.rules.abi_loader import load_abi
from tdxreview.rules.loader import bundled_folder, load_rules, rule_set


def load_knowledge(own: Sequence[Path]) -> Knowledge:
    """Give the bundled rules and those of the user's folders; RuleError if one is not right."""
    bundled = bundled_folder()
    folders = (bundled, *own)
    rules = rule_set(rule for folder in folders for rule in load_rules(folder).rules)
    return Knowledge(rules=rules, abi=load_abi(bundled))
