"""All facts of a series and its mails."""

from collections.abc import Iterator

from tdxreview.facts.conversation.approvals import approvals
from tdxreview.facts.conversation.bearing import bearing, is_whole
from tdxreview.facts.conversation.claims import Words, claims
from tdxreview.facts.conversation.moves import Difference, differences
from tdxreview.facts.conversation.remarks import remarked
from tdxreview.facts.conversation.revert import reverts
from tdxreview.facts.conversation.schema import (
    BaseKnown,
    Claim,
    Differs,
    Says,
    Told,
)
from tdxreview.facts.conversation.shape import shape
from tdxreview.facts.conversation.story import Story
from tdxreview.series.model import Patch
from tdxreview.source.place import NOWHERE, Place

_OF_CODE = (Says.MOVES, Says.RENAMES, Says.KEEPS_BEHAVIOUR)


def gather_story(story: Story, *, base: BaseKnown = BaseKnown.UNKNOWN) -> tuple[Told, ...]:
    """Give the subjects of the reviewed revision, those about all of it first."""
    others = [each for each in story.conversation.series if each is not story.series]
    return (
        shape(story.series, others, base=base),
        *(claim for patch in story.series.patches for claim in _claims(patch)),
        *reverts(story.series),
        *(told for _, told in remarked(story)),
        *approvals(story),
    )


def _claims(patch: Patch) -> Iterator[Claim]:
    for words in claims(patch):
        if words.says in _OF_CODE and is_whole(patch):
            yield _of_code(words, patch, differences(words.says, patch))
        if words.name:
            verdict = bearing(words, patch)
            yield Claim(
                place=NOWHERE,
                function="",
                patch=patch.position,
                says=words.says,
                borne=verdict.borne,
                words=words.words,
                name=words.name,
                seen=verdict.seen,
            )


def _of_code(words: Words, patch: Patch, found: tuple[Difference, ...]) -> Claim:
    """Give a claim that code stays as it is, with the line that shows best that it does not."""
    row = found[0].row if found else None
    place = Place(path=row.path, line=row.new, end_line=row.new) if row and row.new else NOWHERE
    return Claim(
        place=place,
        function=row.function if row else "",
        patch=patch.position,
        says=words.says,
        differs=frozenset(Differs(each.kind) for each in found),
        words=words.words,
        name=found[0].name if found else "",
    )
