"""What a user knows of already, in words: how many findings are hidden, and which entries are not.

Every report says both, so that nothing is hidden in silence.
"""

from collections.abc import Iterator

from tdxreview.report.wording import count
from tdxreview.review.model import HiddenBy, Review

_HOW = {
    HiddenBy.SUPPRESSION: "suppressed",
    HiddenBy.BASELINE: "in the baseline",
    HiddenBy.PATH: "switched off by path",
}
_SPENT = {
    "unused": "hides nothing",
    "changed": "hides nothing any more, for its code has changed",
}
MOST_SPENT = 20
MOST_NAMES = 12
"""Rules and families that a report names as left out."""


def hidden_words(review: Review) -> Iterator[str]:
    """Give `2 suppressed`, `1 in the baseline`: what each way hides, and the rules left out."""
    ways = [each.by for each in review.hidden]
    asked = f" (as of {review.as_of})" if review.as_of else ""
    for way, words in _HOW.items():
        if number := ways.count(way):
            yield f"{number} {words}" + (asked if way is HiddenBy.SUPPRESSION else "")
    yield from left_out_words(review)


def left_out_words(review: Review) -> Iterator[str]:
    """Give `without the rules of trap, vmx`, if any are left out; or how many, where many are."""
    names = review.rules_left_out
    if len(names) > MOST_NAMES:
        yield f"without {count(len(names), 'family or rule', 'families and rules')}"
    elif names:
        yield f"without the rules {', '.join(names)}"


def spent_words(review: Review) -> Iterator[str]:
    """Give a sentence for each suppression that hides nothing."""
    for each in review.spent[:MOST_SPENT]:
        ended = f"has ended on {each.until} (it is {review.as_of})"
        yield f"suppression {each.where} {_SPENT.get(each.state, ended)}"
    if (more := len(review.spent) - MOST_SPENT) > 0:
        yield f"and {count(more, 'more suppression')} without use"
