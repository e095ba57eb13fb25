"""What the analysis knows: subjects with facts, each fact with the steps that show it.

A rule speaks about one kind of subject and names its facts. A fact is a field whose type is a
`StrEnum`, or a frozenset of one where several values may hold at once; every such enum has an
`unknown` member. Fields of type `str` are for messages and fingerprints only.
"""

from dataclasses import dataclass

from tdxreview.source.model import NotExamined


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trace: a place in the post-image, what happens there, and in which function."""

    path: str
    line: int
    text: str
    function: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a subject stands: 1-based lines of the post-image, 0-based columns of the first line.

    `end_column` is exclusive; both columns are 0 where the whole line is meant.
    """

    path: str
    line: int
    end_line: int
    column: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a rule is about.

    `evidence` gives, for each fact (by field name) that needs showing, the steps that led to
    its value; the trace of a finding is the evidence of the facts that its rule names, in the
    order of the rule, leading to `place` or through it. `partial` says that the subject stands
    in code which is not known whole, so that a finding about it is a note at most.
    `ordinal` tells apart subjects of one kind that are the same in all but their place.
    """

    place: Place
    function: str
    ordinal: int = 0
    partial: bool = False
    evidence: tuple[tuple[str, tuple[Step, ...]], ...] = ()

    def steps(self, fact: str) -> tuple[Step, ...]:
        """Give the evidence of one fact, none if it needs none."""
        return dict(self.evidence).get(fact, ())


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a set of files is known to hold, and what of them was not looked at."""

    subjects: tuple[Subject, ...]
    not_examined: tuple[NotExamined, ...] = ()
