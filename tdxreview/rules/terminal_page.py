"""Rules as plain text for a terminal: the list, and one rule with all that it says."""

import textwrap
from collections.abc import Iterable, Iterator

from tdxreview.data.reading import nearest_only
from tdxreview.errors import UsageError
from tdxreview.rules.model import Example, Rule, RuleSet
from tdxreview.rules.page import marked_code

WIDTH = 78
INDENT = "    "


def rule_list(rules: RuleSet) -> str:
    """Give one line a rule: id, severity and what is wrong, sorted by id."""
    widest = max((len(rule.id) for rule in rules.rules), default=0)
    return "".join(
        f"{rule.id:<{widest}}  {rule.severity:<7}  {rule.title}\n" for rule in rules.rules
    )


def rule_named(rules: RuleSet, name: str, others: Iterable[str] = ()) -> Rule:
    """Give the rule of an id; UsageError naming the nearest, also of `others`, if there is none."""
    rule = rules.of_id.get(name)
    if rule is None:
        hint = nearest_only(name, (*rules.of_id, *others)) or "see tdxreview rules list"
        raise UsageError(f"no rule is called `{name}`; {hint}")
    return rule


def rule_text(rule: Rule) -> str:
    """Give everything about one rule in lines of at most 78 columns, code as it is."""
    return "\n".join(_blocks(rule)).rstrip("\n") + "\n"


def _blocks(rule: Rule) -> Iterator[str]:
    yield f"{rule.id}: {rule.severity}, confidence {rule.confidence}"
    yield from textwrap.wrap(rule.title, WIDTH)
    yield ""
    yield from _prose("Why", rule.why)
    yield from _prose("What to do", rule.fix)
    yield from _prose("Accepted, and known false alarms", rule.false_alarms)
    yield from _examples("Flagged", rule.flagged)
    yield from _examples("Clean", rule.clean)
    yield from _examples("Known limit", rule.limits)
    yield from _prose("References", "\n\n".join(rule.references))


def _prose(heading: str, text: str) -> Iterator[str]:
    if not text:
        return
    yield heading
    for paragraph in text.split("\n\n"):
        yield textwrap.fill(paragraph, WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield ""


def _examples(heading: str, examples: Iterable[Example]) -> Iterator[str]:
    for example in examples:
        yield f"{heading}: {example.name}"
        if example.before is not None:
            yield textwrap.indent(example.before.rstrip("\n"), INDENT)
            yield f"  after the patch ({example.path})"
        yield textwrap.indent(marked_code(example).rstrip("\n"), INDENT)
        yield ""
