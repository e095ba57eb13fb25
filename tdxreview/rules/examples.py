"""Examples of rules run as a review would: code or mails, facts, findings, who is to blame."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

from tdxreview.facts.conversation.schema import BaseKnown, Told
from tdxreview.facts.model import Gathered
from tdxreview.facts.removed import with_losses
from tdxreview.mail.message import Message
from tdxreview.rules.example_mails import ExampleMail, line_of, read_mails
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Example, Finding, Origin, RuleSet
from tdxreview.rules.telling import judge_told
from tdxreview.series.model import Series
from tdxreview.source.model import Change, Image, NotExamined
from tdxreview.source.text import change_of_texts, image_of_text

Gather = Callable[[Sequence[Image]], Gathered]
"""What turns images into subjects with facts."""
Spot = tuple[str, int]
"""A path and a line of the post-image."""
_REPORTED = (Origin.NEW, Origin.AFFECTED)


class Telling(Struct, frozen=True):
    """What a review makes of mails: what they tell, and what the rules say of the code."""

    series: Series
    subjects: tuple[Told, ...]
    findings: tuple[Finding, ...]


Tell = Callable[[Sequence[Message], BaseKnown], Telling]
"""What reviews the mails of an example, with what a tree knows of the base."""
Blame = Callable[[Iterable[Finding], Iterable[Finding], Iterable[Change]], tuple[Finding, ...]]
"""What tells of the findings before and after some changes where those after come from."""


class Stages(NamedTuple):
    """The stages of a review that an example goes through."""

    gather: Gather
    tell: Tell
    blame: Blame


class Prepared(Struct, frozen=True, kw_only=True):
    """An example with its facts before and after its patch: any rule can be tried on it."""

    example: Example
    change: Change
    before: Gathered
    after: Gathered
    blame: Blame

    @property
    def not_examined(self) -> tuple[NotExamined, ...]:
        """Give what of the example was not looked at; of a good example nothing."""
        return self.after.not_examined

    def raised(self, rules: RuleSet) -> tuple[Finding, ...]:
        """Give the findings that a review would report on the example."""
        before = judge(self.before.subjects, rules)
        after = judge(self.after.subjects, rules)
        found = self.blame(before, after, [self.change])
        return tuple(finding for finding in found if finding.origin in _REPORTED)

    def spot(self, finding: Finding) -> Spot:
        """Give the place of a finding in the example."""
        return (finding.place.path, finding.place.line) if finding.place else ("", 0)


class PreparedMails(Struct, frozen=True, kw_only=True):
    """An example that is a thread, with what the mails tell."""

    example: Example
    mails: tuple[ExampleMail, ...]
    telling: Telling
    not_examined: tuple[NotExamined, ...] = ()

    def raised(self, rules: RuleSet) -> tuple[Finding, ...]:
        """Give the findings that a review would report on the example."""
        told = judge_told(self.telling.subjects, rules)
        return (*told, *(each for each in self.telling.findings if each.rule in rules.of_id))

    def spot(self, finding: Finding) -> Spot:
        """Give the line of the example's text that a finding is about."""
        return self.example.path, line_of(finding, self.telling.series, self.mails)


AnyPrepared = Prepared | PreparedMails


def prepare(example: Example, stages: Stages) -> AnyPrepared:
    """Give an example with its facts, gathered once for all rules."""
    if example.is_thread:
        mails = read_mails(example.code)
        telling = stages.tell([each.message for each in mails], BaseKnown(example.base))
        return PreparedMails(example=example, mails=mails, telling=telling)
    change = change_of_texts(example.path, example.before, example.code)
    around = [image_of_text(path, text) for path, text in example.files]
    before = stages.gather([*_known(change.before), *around])
    after = stages.gather([*_known(change.after), *around])
    return Prepared(
        example=example,
        change=change,
        before=before,
        after=with_losses(before, after, [change]),
        blame=stages.blame,
    )


def _known(image: Image | None) -> list[Image]:
    return [] if image is None else [image]


def flagged_spots(prepared: AnyPrepared, rules: RuleSet) -> frozenset[Spot]:
    """Give the places that rules flag in an example."""
    return frozenset(map(prepared.spot, prepared.raised(rules)))


def marked_spots(example: Example) -> frozenset[Spot]:
    """Give the places that an example says are wrong."""
    return frozenset((example.path, line) for line in example.marked)
