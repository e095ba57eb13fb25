"""Examples of rules run as a review would: code, facts, findings, and who is to blame."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from tdxreview.facts.model import Gathered
from tdxreview.facts.removed import with_losses
from tdxreview.review.blame import blame
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Example, Finding, Origin, RuleSet
from tdxreview.source.model import Change, Image, NotExamined
from tdxreview.source.text import change_of_texts, image_of_text

Gather = Callable[[Sequence[Image]], Gathered]
"""What turns images into subjects with facts."""
Spot = tuple[str, int]
"""A path and a line of the post-image."""
_REPORTED = (Origin.NEW, Origin.AFFECTED)


class Prepared(Struct, frozen=True, kw_only=True):
    """An example with its facts before and after its patch: any rule can be tried on it."""

    example: Example
    change: Change
    before: Gathered
    after: Gathered

    @property
    def not_examined(self) -> tuple[NotExamined, ...]:
        """Give what of the example was not looked at; of a good example nothing."""
        return self.after.not_examined


def prepare(example: Example, gather: Gather) -> Prepared:
    """Give an example with its facts, gathered once for all rules."""
    change = change_of_texts(example.path, example.before, example.code)
    around = [image_of_text(path, text) for path, text in example.files]
    before = gather([*_known(change.before), *around])
    after = gather([*_known(change.after), *around])
    return Prepared(
        example=example, change=change, before=before, after=with_losses(before, after, [change])
    )


def _known(image: Image | None) -> list[Image]:
    return [] if image is None else [image]


def raised(prepared: Prepared, rules: RuleSet) -> tuple[Finding, ...]:
    """Give the findings that a review would report on an example."""
    before = judge(prepared.before.subjects, rules)
    after = judge(prepared.after.subjects, rules)
    return tuple(
        finding
        for finding in blame(before, after, [prepared.change])
        if finding.origin in _REPORTED
    )


def flagged_spots(prepared: Prepared, rules: RuleSet) -> frozenset[Spot]:
    """Give the places that rules flag in an example."""
    places = (finding.place for finding in raised(prepared, rules))
    return frozenset((place.path, place.line) for place in places if place is not None)


def marked_spots(example: Example) -> frozenset[Spot]:
    """Give the places that an example says are wrong."""
    return frozenset((example.path, line) for line in example.marked)
