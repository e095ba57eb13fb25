"""Two revisions of a series, reviewed and held against each other."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.errors import UsageError
from tdxreview.facts.conversation.approvals import approvals
from tdxreview.facts.conversation.remarks import remarked
from tdxreview.facts.conversation.schema import Approval, Remarked
from tdxreview.facts.conversation.story import Story
from tdxreview.mail.intake import Intake
from tdxreview.review.model import Review
from tdxreview.revisions.lineage import predecessor
from tdxreview.revisions.model import Comparison
from tdxreview.rules.model import Finding
from tdxreview.series.model import Series
from tdxreview.talk.model import Conversation, Remark

_TOLD = "series"
"""The family whose findings are about mails; they are told as remarks and trailers here."""


class Became(StrEnum):
    """What became of a finding from one revision to the next."""

    NEW = "new"
    STILL = "still-there"
    FIXED = "fixed"


class FindingChange(Struct, frozen=True):
    """A finding of the new revision, or one of the old that is not there any more."""

    became: Became
    finding: Finding


class RemarkChange(Struct, frozen=True):
    """A remark on the old revision, and what the new one did to its lines."""

    remark: Remark
    told: Remarked


class Compared(Struct, frozen=True, kw_only=True):
    """All that there is to say of two revisions; tuples are sorted as reports show them."""

    taken_for: str
    old: Review
    new: Review
    comparison: Comparison
    conversation: Conversation
    findings: tuple[FindingChange, ...]
    remarks: tuple[RemarkChange, ...]
    approvals: tuple[Approval, ...]


def earlier_in(new: Review, intake: Intake) -> Intake:
    """Give the mails of the revision before the reviewed one; UsageError if there is none."""
    found = _earlier(new)
    return replace(intake, messages=tuple(_mails(found)))


def _earlier(new: Review) -> Series:
    there = new.conversation.series if new.conversation else ()
    found = predecessor(new.series, there)
    if found is None:
        raise UsageError(
            f"{new.taken_for} has one revision of the series only (v{new.series.revision});"
            " give the other one as well: tdxreview compare OLD NEW"
        )
    return found


def _mails(series: Series) -> Iterator[object]:
    mails = [series.cover, *(patch.message for patch in series.patches)]
    yield from dict.fromkeys(mail for mail in mails if mail is not None)


def compared(old: Review, new: Review) -> Compared:
    """Hold a review of one revision against that of another, whatever they are called."""
    story = _story(old, new)
    comparison = story.since(story.earlier[0])
    return Compared(
        taken_for=new.taken_for,
        old=old,
        new=new,
        comparison=comparison,
        conversation=story.conversation,
        findings=tuple(_findings(old.findings, new.findings)),
        remarks=tuple(
            RemarkChange(remark, told)
            for remark, told in remarked(story)
            if not story.is_current(remark)
        ),
        approvals=tuple(approvals(story)),
    )


def _story(old: Review, new: Review) -> Story:
    """Give the new revision with the old one before it, and what was said about both."""
    before, after = old.conversation, new.conversation
    if before is None or after is None:
        raise AssertionError("a review of a series has a conversation")
    within = predecessor(new.series, after.series)
    if within is not None and _names(within) == _names(old.series):
        return Story(after, new.series, (within,))
    shift = len(before.series)
    moved = (
        each if each.series is None else replace(each, series=each.series + shift)
        for each in after.remarks
    )
    joined = Conversation(
        threads=(*before.threads, *after.threads),
        series=(*before.series, *after.series),
        remarks=(*before.remarks, *moved),
    )
    return Story(joined, new.series, (old.series,))


def _names(series: Series) -> tuple[str, ...]:
    return tuple(patch.message_id for patch in series.patches)


def _findings(old: Sequence[Finding], new: Sequence[Finding]) -> Iterator[FindingChange]:
    """Give the new findings in their order, then those that were fixed.

    A finding is known again by its fingerprint, then by its rule with the function, the words or
    the file.
    """
    before = [each for each in old if each.family != _TOLD]
    after = [each for each in new if each.family != _TOLD]
    known: set[int] = set()
    gone = before
    for key in _KEYS:
        left = [each for each in after if id(each) not in known]
        found, gone = _known_again(gone, left, key)
        known |= found
    for each in after:
        yield FindingChange(Became.STILL if id(each) in known else Became.NEW, each)
    for each in gone:
        yield FindingChange(Became.FIXED, each)


_KEYS: tuple[Callable[[Finding], Hashable], ...] = (
    lambda each: each.fingerprint,
    lambda each: (each.rule, each.function) if each.function else id(each),
    lambda each: (each.rule, each.message),
    lambda each: (each.rule, each.place.path) if each.place else id(each),
)


def _known_again(
    old: Sequence[Finding], new: Sequence[Finding], key: Callable[[Finding], Hashable]
) -> tuple[set[int], list[Finding]]:
    """Give the new findings that an old one is, each once, and the old ones that are left."""
    waiting: dict[Hashable, list[Finding]] = defaultdict(list)
    for each in new:
        waiting[key(each)].append(each)
    known: set[int] = set()
    left: list[Finding] = []
    for each in old:
        same = waiting[key(each)]
        if same:
            known.add(id(same.pop(0)))
        else:
            left.append(each)
    return known, left
