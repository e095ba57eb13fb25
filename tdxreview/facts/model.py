"""What the analysis knows: subjects with facts, each fact with the steps that show it.

A rule speaks about one kind of subject and names its facts. A fact is a field whose type is a
`StrEnum`, or a frozenset of one where several values may hold at once; every such enum has an
`unknown` member. Fields of type `str` are for messages and fingerprints only.
"""

from collections.abc import Iterator
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.source.model import NotExamined
from tdxreview.source.place import Line, Moves, Place, Step


class Subject(Struct, frozen=True, kw_only=True):
    """What a rule is about.

    `evidence` gives, for each fact (by field name) that needs showing, the steps that led to
    its value; the trace of a finding is the evidence of the facts that its rule names, in the
    order of the rule, leading to `place` or through it. `partial` says that the subject stands
    in code which is not known whole, so that a finding about it is a note at most. `compared`
    says that the two sides of a hunk show it, and that lines out of view may make up for it: a
    finding about it is a warning at most.
    `ordinal` tells apart subjects of one kind that are the same in all but their place.
    """

    place: Place
    function: str
    ordinal: int = 0
    partial: bool = False
    compared: bool = False
    evidence: tuple[tuple[str, tuple[Step, ...]], ...] = ()

    def steps(self, fact: str) -> tuple[Step, ...]:
        """Give the evidence of one fact, none if it needs none."""
        return dict(self.evidence).get(fact, ())

    def lines(self) -> Iterator[Line]:
        """Give every line that the subject tells of; one may come more than once."""
        place = self.place
        yield Line(place.path, place.line)
        yield Line(place.path, place.end_line)
        for _, steps in self.evidence:
            for step in steps:
                yield Line(step.path, step.line)

    def moved(self, moves: Moves) -> Self:
        """Give the subject as it is where each line that it tells of has another number."""
        evidence = tuple(
            (fact, tuple(step.moved(moves) for step in steps)) for fact, steps in self.evidence
        )
        return replace(self, place=self.place.moved(moves), evidence=evidence)


class Gathered(Struct, frozen=True):
    """What a set of files is known to hold, and what of them was not looked at."""

    subjects: tuple[Subject, ...]
    not_examined: tuple[NotExamined, ...] = ()
