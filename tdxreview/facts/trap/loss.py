"""Something that was right before a patch and is not any more, at a line of the post-image."""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from tdxreview.facts.trap.schema import Routine
from tdxreview.source.model import Change, Image, SourceLine
from tdxreview.source.place import Place, Step


class Loss(Struct, frozen=True):
    """A fact that a patch made wrong; `old` is what stood there before, where one line did.

    `sure` is false where lines that are not shown may make up for it.
    """

    fact: str
    value: StrEnum
    line: int
    text: str
    old: str = ""
    sure: bool = True


def routine_of(loss: Loss, after: Image) -> Routine:
    """Give the subject that rules judge."""
    steps = (Step(after.path, loss.line, f"before: {loss.old}"),) if loss.old else ()
    fact: dict[str, Any] = {loss.fact: loss.value}
    return Routine(
        place=Place(path=after.path, line=loss.line, end_line=loss.line),
        function=after.path.rpartition("/")[2],
        instruction=loss.text.strip(),
        compared=not loss.sure,
        evidence=((loss.fact, steps),),
        **fact,
    )


def line_behind(change: Change, after: Image, removed: int) -> SourceLine | None:
    """Give the first line that stayed behind a removed one."""
    kept = {now for now, before in change.kept if before > removed}
    return next((line for line in after.lines if line.number in kept and line.text.strip()), None)
