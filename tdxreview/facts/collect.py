"""All facts of one state of the code, whatever language they come from."""

from collections.abc import Callable, Sequence

from tdxreview.facts.abi import Abi
from tdxreview.facts.model import Gathered, Subject
from tdxreview.source.model import Image

Gatherer = Callable[[Sequence[Image], Abi, frozenset[str] | None], Gathered]

GATHERERS: tuple[Gatherer, ...] = ()
"""One for each language: to add one is to name it here."""


def gather(images: Sequence[Image], abi: Abi, of: frozenset[str] | None = None) -> Gathered:
    """Give the subjects of the files named by `of` (None: of all), sorted by place.

    All images are context: a wrapper or a constant that one file defines counts in the others.
    """
    parts = [gatherer(images, abi, of) for gatherer in GATHERERS]
    return Gathered(
        subjects=tuple(sorted((item for part in parts for item in part.subjects), key=_order)),
        not_examined=tuple(dict.fromkeys(item for part in parts for item in part.not_examined)),
    )


def _order(subject: Subject) -> tuple[str, int, int, str, int]:
    place = subject.place
    return (place.path, place.line, place.column, type(subject).__name__, subject.ordinal)
