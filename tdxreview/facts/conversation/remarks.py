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
from tdxreview.revisions.blocks import rows_like
from tdxreview.source.place import NOWHERE, Place
from tdxreview.talk.fate import fate_of
from tdxreview.talk.model import Kind, On, Remark, State

_LATER = re.compile(
    r"\b(?:later|separate(?:ly)?|follow[- ]?up|future|another (?:patch|series)|next series|"
    r"on top|after this|subsequent)\b",
    re.IGNORECASE,
)
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
        outcome=Outcome(remark.state.value),
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
    return Since(fate_of(remark, story.since(story.series_of(remark))).value)


def _promise(story: Story, remark: Remark) -> Promise:
    if remark.state is not State.AGREED:
        return Promise.NONE
    author = story.series_of(remark).author
    texts = [each.text for each in remark.answers if same_person(each.author, author)]
    return Promise.LATER if any(_LATER.search(text) for text in texts) else Promise.NEXT


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
