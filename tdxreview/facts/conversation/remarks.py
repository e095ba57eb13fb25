"""What was asked, what was answered, and what the reviewed revision did about it."""

import re
from collections.abc import Iterator

from tdxreview.facts.conversation.people import called, is_of, same_person
from tdxreview.facts.conversation.schema import (
    Outcome,
    Promise,
    Remarked,
    Since,
    Wants,
)
from tdxreview.facts.conversation.story import Story
from tdxreview.regex import regex
from tdxreview.revisions.blocks import rows_like
from tdxreview.source.place import NOWHERE, Place
from tdxreview.talk.model import Kind, On, Remark, State

_LATER = regex(
    r"\b(?:later|separate(?:ly)?|follow[- ]?up|future|another (?:patch|series)|next series|"
    r"on top|after this|subsequent)\b",
    re.IGNORECASE,
)
_WILL = regex(
    r"\b(?:will|going to|can do|done|fixed|sure|ok(?:ay)?|noted|in v\d+|next (?:version|revision)|"
    r"(?:re)?(?:named|moved|worded|placed|worked)|removed|changed|updated|added|dropped)\b|'ll\b",
    re.IGNORECASE,
)
"""What makes consent with an opinion a promise to do something about it."""
_ASKS = (Kind.REQUEST, Kind.NIT)
_PROPOSES = (Kind.SUGGESTION, Kind.OBJECTION)
_LONGEST = 60


def remarked(story: Story) -> Iterator[tuple[Remark, Remarked]]:
    """Give the remarks that ask something of the author, each with what became of it."""
    for remark in story.remarks:
        if remark.kind is not Kind.APPROVAL and not is_of(story.series_of(remark), remark.author):
            yield remark, _subject(story, remark)


def alone(remark: Remark) -> Remarked:
    """Give a remark on something that is not in the input."""
    return Remarked(
        place=NOWHERE,
        function="",
        wants=Wants.REFUSAL if remark.nak else Wants(remark.kind.value),
        outcome=Outcome(remark.state.value),
        since=Since.UNKNOWN,
        reviewer=called(remark.author),
        author="the author",
        about=_about(remark),
        message_id=remark.message_id,
    )


def _subject(story: Story, remark: Remark) -> Remarked:
    patch = story.now(remark)
    series = story.series_of(remark)
    return Remarked(
        place=place_now(story, remark) or NOWHERE,
        function="",
        patch=patch.position if patch else None,
        wants=Wants.REFUSAL if remark.nak else Wants(remark.kind.value),
        outcome=_outcome(story, remark),
        since=since(story, remark),
        promise=_promise(story, remark),
        reviewer=called(remark.author),
        author=called(series.author),
        revision=f"v{series.revision}",
        about=_about(remark),
        message_id=remark.message_id,
    )


def since(story: Story, remark: Remark) -> Since:
    """Give what the reviewed revision did to the lines that a remark is about."""
    if story.is_current(remark):
        return Since.SAME_REVISION
    from tdxreview.talk.fate import fate_of

    return Since(fate_of(remark, story.since(story.series_of(remark))).value)


def _outcome(story: Story, remark: Remark) -> Outcome:
    """Give what was said; who goes on to a later revision and repeats nothing has let it be."""
    waits = remark.state in {State.OPEN, State.ANSWERED} and not remark.nak
    return Outcome.LET_BE if waits and _went_on(story, remark) else Outcome(remark.state.value)


def _went_on(story: Story, remark: Remark) -> bool:
    own = story.series_of(remark).revision
    return any(
        same_person(each.author, remark.author) and story.series_of(each).revision > own
        for each in story.remarks
    )


def _promise(story: Story, remark: Remark) -> Promise:
    """Tell whether the author said that something would be done, and for when."""
    if remark.state is not State.AGREED or remark.kind not in {*_ASKS, *_PROPOSES}:
        return Promise.NONE
    author = story.series_of(remark).author
    said = [each.text for each in remark.answers if same_person(each.author, author)]
    if any(_LATER.search(text) for text in said):
        return Promise.LATER
    definite = remark.on in {On.LINE, On.MESSAGE} and any(_WILL.search(text) for text in said)
    meant = remark.kind in _ASKS or definite
    return Promise.NEXT if meant and not _went_on(story, remark) else Promise.NONE


def place_now(story: Story, remark: Remark) -> Place | None:
    """Give the line that a remark hangs on as the reviewed revision has it, None if it has not."""
    patch = story.now(remark)
    if patch is None or remark.on is not On.LINE or not remark.path:
        return None
    if story.is_current(remark) and remark.line is not None:
        return _at(remark.path, remark.line) if remark.side == "after" else None
    like = [row for row in rows_like(patch.diff, remark.quote) if row.path == remark.path]
    return next((_at(row.path, row.new) for row in like if row.new is not None), None)


def _at(path: str, line: int) -> Place:
    return Place(path=path, line=line, end_line=line)


def _about(remark: Remark) -> str:
    """Give the beginning of what was said, on one line."""
    words = " ".join(remark.text.split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rsplit(' ', 1)[0]} …"
