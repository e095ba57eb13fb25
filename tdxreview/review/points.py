"""The remarks of a conversation, each seen from the newest revision of its series."""

from collections.abc import Iterator

from msgspec import Struct

from tdxreview.facts.conversation.remarks import alone, remarked
from tdxreview.facts.conversation.schema import Remarked
from tdxreview.facts.conversation.story import Story
from tdxreview.revisions.lineage import Lineage
from tdxreview.series.model import Patch, Series
from tdxreview.talk.model import Conversation, Kind, Remark


class Point(Struct, frozen=True):
    """A remark that asks something, what it is about, and what became of it."""

    remark: Remark
    told: Remarked
    series: Series | None
    patch: Patch | None


def heads(conversation: Conversation) -> tuple[tuple[Series, tuple[Series, ...]], ...]:
    """Give the newest revision of each series, the newest series last, with its earlier ones."""
    found: list[tuple[Series, tuple[Series, ...]]] = []
    taken: set[int] = set()
    lineage = Lineage(conversation.series)
    for series in reversed(conversation.series):
        if id(series) not in taken:
            earlier = lineage.ancestry(series)
            taken |= {id(each) for each in earlier}
            found.append((series, earlier))
    return tuple(reversed(found))


def points(conversation: Conversation) -> tuple[Point, ...]:
    """Give the remarks in the order of the mails; approvals ask nothing, and are none."""
    known = {
        id(remark): told
        for series, earlier in heads(conversation)
        for remark, told in remarked(Story(conversation, series, earlier))
    }
    return tuple(_points(conversation, known))


def _points(conversation: Conversation, known: dict[int, Remarked]) -> Iterator[Point]:
    for remark in conversation.remarks:
        if remark.series is not None and id(remark) in known:
            series = conversation.series[remark.series]
            yield Point(remark, known[id(remark)], series, conversation.patch_of(remark))
        elif remark.series is None and remark.kind is not Kind.APPROVAL:
            yield Point(remark, alone(remark), None, None)
