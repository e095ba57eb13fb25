"""What every subject has that the two sides of a hunk show: a place, and a line that is gone."""

from __future__ import annotations

from typing import TypedDict

from tdxreview.program.rewritten import Rewrite
from tdxreview.source.place import Place, Step


class Difference(TypedDict):
    """The fields of a subject that was right before a patch and is not any more."""

    place: Place
    function: str
    compared: bool
    evidence: tuple[tuple[str, tuple[Step, ...]], ...]


def difference(rewrite: Rewrite, place: Place, removed: int, *facts: str) -> Difference:
    """Give the fields of a subject at a place, of which a removed line shows the facts."""
    step = rewrite.was(place, removed)
    return Difference(
        place=place,
        function=rewrite.new.name,
        compared=True,
        evidence=tuple((fact, (step,)) for fact in facts),
    )
