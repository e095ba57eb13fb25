"""From a rule to the code and back: what a rule asks is told, and what is told is asked."""

from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tools.docs.makers import PACKAGE, makers

RULES = load_rules(bundled_folder())
MAKERS = makers()
FOR_HOUSES = {
    ("site", "made"),
    ("site", "section"),
    ("call", "section"),
    ("call", "leads"),
    ("routine", "section"),
}
"""What no rule of ours asks: words for the rules of others."""
FOR_THE_ANALYSIS = {
    ("care", "keeps"),
    ("claim", "says"),
    ("protection", "kind"),
    ("site", "returns"),
    ("site", "status_use"),
}
"""What no rule of ours asks: other facts hang on it, or reports show it."""
BEHIND_NO_RULE = [
    "facts/calls/collect.py",
    "facts/calls/section.py",
    "facts/life/upkeep.py",
    "facts/sites/c_sites.py",
    "review/why.py",
]
"""Modules that tell nothing but such facts."""


def asked():
    return {
        (rule.about, fact)
        for rule in RULES.rules
        for clause in (*rule.when, *rule.unless)
        for fact, _ in clause.wanted
        if fact in facts_of(rule.about)
    }


def test_a_module_tells_every_fact_that_a_rule_asks():
    assert sorted(asked() - MAKERS.keys()) == []


def test_a_rule_asks_every_fact_that_is_told():
    every = {(kind, fact) for kind in KINDS for fact in facts_of(kind)}

    assert sorted(every - asked() - FOR_HOUSES) == sorted(FOR_THE_ANALYSIS)


def test_every_module_that_tells_a_fact_leads_to_a_rule():
    modules = {module for names in MAKERS.values() for module in names}
    leading = {m for key, names in MAKERS.items() if key in asked() for m in names}

    assert sorted(modules - leading) == BEHIND_NO_RULE
    assert [module for module in modules if not (PACKAGE / module).is_file()] == []
