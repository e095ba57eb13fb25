"""Which findings somebody raised already: on the same lines, in words of the rule's subject."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import log

from tdxreview.facts.conversation.people import is_of
from tdxreview.facts.conversation.remarks import place_now
from tdxreview.facts.conversation.story import Story
from tdxreview.regex import regex
from tdxreview.rules.model import Finding, Rule, RuleSet
from tdxreview.source.place import Place
from tdxreview.talk.model import Kind, Remark

_ABOVE, _BELOW = 3, 6
"""How far from a finding a remark on it may hang: people quote on to the end of the function."""
_LEAST = 2.0
"""The weight of the words that remark and rule have in common; one rare word is enough."""
_STEM = 5
_WORD = regex(r"#?[A-Za-z][A-Za-z']{2,30}")
_EMPTY = frozenset(
    re.findall(
        r"\w+",
        """the and that this with from have what when where which will would should could does not
        are was were been has had for you your our they them then than there here only also just
        but can all any its into about because code line patch function call calls called kernel
        seamcall tdx please think maybe like need make sure see use used using one two some more
        other look looks good nit""",
    )
)


class Vocabulary:
    """The words of each rule, the rarer the heavier."""

    def __init__(self, rules: RuleSet) -> None:
        self._stems = {rule.id: frozenset(stems(_text(rule))) for rule in rules.rules}
        spread = Counter(stem for words in self._stems.values() for stem in words)
        self._weight = {stem: log(1 + len(self._stems) / n) for stem, n in spread.items()}

    def speaks_of(self, text: str, rule: str) -> bool:
        """Tell whether a text is about the subject of a rule."""
        shared = self._stems.get(rule, frozenset()) & frozenset(stems(text))
        return sum(self._weight[stem] for stem in shared) >= _LEAST


def _text(rule: Rule) -> str:
    return " ".join((rule.id.replace("-", " "), rule.title, rule.message, rule.why, rule.fix))


@lru_cache(maxsize=4096)
def stems(text: str) -> tuple[str, ...]:
    """Give the beginnings of the words that tell what a text is about."""
    words = (word.lower() for word in _WORD.findall(text))
    return tuple(word[:_STEM] for word in words if word not in _EMPTY)


def already_said(
    findings: Iterable[Finding], story: Story, rules: RuleSet
) -> Iterator[tuple[Finding, tuple[Remark, ...]]]:
    """Give each finding with the remarks that raise it, in the order in which they came."""
    placed = [(place, remark) for remark in story.remarks if (place := _place(story, remark))]
    vocabulary = Vocabulary(rules) if placed else None
    for finding in findings:
        yield (
            finding,
            tuple(
                remark
                for place, remark in placed
                if vocabulary
                and _is_near(place, finding.place)
                and vocabulary.speaks_of(_words(remark), finding.rule)
            ),
        )


def _place(story: Story, remark: Remark) -> Place | None:
    own = remark.kind is Kind.APPROVAL or is_of(story.series_of(remark), remark.author)
    return None if own else place_now(story, remark)


def _words(remark: Remark) -> str:
    return f"{remark.text} {remark.code}"


def _is_near(place: Place, other: Place | None) -> bool:
    if other is None or place.path != other.path:
        return False
    return other.line - _ABOVE <= place.line <= other.end_line + _BELOW
