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
from tdxreview.revisions.fates import (
    LineFate,
    Spot,
    line_fate,
    message_fate,
    patch_fate,
    text_fate,
)
from tdxreview.source.place import NOWHERE, Place
from tdxreview.talk.model import Kind, On, Remark, State

_LATER = re.compile(
    r"\b(?:later|separate(?:ly)?|follow[- ]?up|future|another (?:patch|series)|next series|"
    r"on top|after this|subsequent)\b",
    re.IGNORECASE,
)
_LONGEST = 60


def remarked(story: Story) -> Iterator[Remarked]:
    """Give the remarks that ask something of the author, each with what became of it."""
    for remark in story.remarks:
        if remark.kind is not Kind.APPROVAL and not is_of(story.series_of(remark), remark.author):
            yield _subject(story, remark)


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
    series = story.series_of(remark)
    if remark.on is On.COVER or remark.patch is None:
        old, new = (each.cover.body if each.cover else "" for each in (series, story.series))
        return Since(text_fate(old, new, remark.quote).value)
    comparison = story.since(series)
    fate = patch_fate(comparison, remark.patch)
    if remark.on is On.LINE and fate is not LineFate.SAME:
        fate = line_fate(comparison, remark.patch, _spot(remark))
    elif remark.on is On.MESSAGE and fate is not LineFate.SAME:
        fate = message_fate(comparison, remark.patch, remark.quote)
    return Since(fate.value)


def _spot(remark: Remark) -> Spot:
    return Spot(path=remark.path or "", line=remark.line, side=remark.side, quote=remark.quote)


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
