"""The manual of the rules, and the words that rules ask for, as pages with an anchor each."""

from collections.abc import Iterator, Mapping

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.model import Example, Rule
from tdxreview.rules.page import FAMILIES, marked_code
from tdxreview.rules.vocabulary_page import KindPage, vocabulary
from tools.docs.commands import escaped
from tools.docs.makers import makers

SHOWN = 2
"""So many examples of each side stand on the page; `tdxreview rules show ID` has all of them."""

INTRODUCTION = """\
An error is a crash, a lost error or wrong data on a path that exists; a warning is likely one; a
note is worth a look. `tdxreview rules show ID` has all examples.
"""


def rules_page() -> str:
    """Give the manual: a section a family, and in it one a rule, under its id."""
    rules = load_rules(bundled_folder()).rules
    parts = [
        "# Rules\n",
        INTRODUCTION,
    ]
    for family, title in FAMILIES.items():
        parts.append(f"## {family}: {title}\n")
        parts += [_rule(rule) for rule in rules if rule.family == family]
    return "\n".join(parts)


def _rule(rule: Rule) -> str:
    rows = [f"({rule.id})=", f"### {rule.id}", ""]
    rows += [f"**{escaped(rule.title)}.** {rule.severity.capitalize()}, {rule.confidence}"]
    rows += [" confidence.", "", *_texts(rule)]
    for heading, examples in (("Flagged", rule.flagged), ("Clean", rule.clean)):
        for example in examples[:SHOWN]:
            rows += _example(heading, example)
    return "\n".join(rows)


def _texts(rule: Rule) -> Iterator[str]:
    for heading, text in (
        ("Why", rule.why),
        ("What to do", rule.fix),
        ("Accepted, and known false alarms", rule.false_alarms),
        ("References", "; ".join(rule.references)),
    ):
        if text:
            yield f"**{heading}:** {escaped(text)}"
            yield ""


def _example(heading: str, example: Example) -> Iterator[str]:
    yield f"{heading}: {escaped(example.name)}"
    yield ""
    yield "```text"
    yield marked_code(example).rstrip("\n")
    yield "```"
    yield ""


def words_page() -> str:
    """Give all kinds, facts and names that rules can ask for."""
    head = "# Words of rules\n\n`tdxreview rules facts WORD` searches these on a terminal.\n"
    folder = bundled_folder()
    pages, told = vocabulary(load_rules(folder), load_abi(folder)), makers()
    return "\n".join((head, *(line for page in pages for line in _kind(page, told))))


def _kind(page: KindPage, told: Mapping[tuple[str, str], tuple[str, ...]]) -> Iterator[str]:
    yield f"## {page.kind}"
    yield ""
    yield escaped(page.meaning)
    yield ""
    for word in page.words:
        values = ", ".join(f"`{value}`" for value in word.values) or "a name or a pattern"
        values += "; known: " * bool(word.known) + ", ".join(f"`{name}`" for name in word.known)
        rules = ", ".join(f"[](#{rule})" for rule in dict.fromkeys(a.rule for a in word.asked_by))
        yield f"`{word.name}`"
        by = ", ".join(f"`{module}`" for module in told.get((page.kind, word.name), ()))
        yield f": {escaped(word.meaning)} Values: {values}."
        yield f"  Asked by {rules or 'no rule of ours'}." + f" Told by {by}." * bool(by)
        yield ""
