"""What a shell completes: the ids of rules, and the facts and words that rules ask for."""

from tdxreview.errors import TdxreviewError


def rule_ids() -> list[str]:
    """Give the ids of the bundled rules; none where they cannot be read."""
    from tdxreview.cli.knowledge import load_knowledge

    try:
        return [rule.id for rule in load_knowledge(()).rules.rules]
    except TdxreviewError:
        return []


def rules_and_families() -> list[str]:
    """Give what can be selected and ignored: families, and the ids of rules."""
    return [*sorted({name.partition("-")[0] for name in rule_ids()}), *rule_ids()]


def fact_words() -> list[str]:
    """Give the kinds, the facts and the words of rules."""
    from tdxreview.facts.registry import KINDS
    from tdxreview.facts.vocabulary import names_of
    from tdxreview.rules.fact_page import fact_names

    return sorted({*fact_names(), *KINDS, *(name for kind in KINDS for name in names_of(kind))})


def rules_and_facts() -> list[str]:
    """Give what `rules show` explains."""
    from tdxreview.rules.fact_page import fact_names

    return [*rule_ids(), *fact_names()]
