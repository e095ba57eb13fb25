"""Positions in a state of the code: a line, a place, a step of a trace."""

from collections.abc import Callable
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace


class Line(NamedTuple):
    """A line of a file in one state of the code, 1-based."""

    path: str
    number: int


Moves = Callable[[Line], int]
"""What gives the number that a line has in another state of the code."""


class Step(Struct, frozen=True):
    """One step of a trace: a place in the post-image, what happens there, and in which function."""

    path: str
    line: int
    text: str
    function: str = ""

    def moved(self, moves: Moves) -> Self:
        """Give the step where its line has another number."""
        return replace(self, line=moves(Line(self.path, self.line)))


class Place(Struct, frozen=True, kw_only=True):
    """Where a subject stands: 1-based lines of the post-image, 0-based columns of the first line.

    `end_column` is exclusive; both columns are 0 where the whole line is meant.
    """

    path: str
    line: int
    end_line: int
    column: int = 0
    end_column: int = 0

    def moved(self, moves: Moves) -> Self:
        """Give the place where its lines have other numbers."""
        line = moves(Line(self.path, self.line))
        end_line = moves(Line(self.path, self.end_line))
        return replace(self, line=line, end_line=end_line)


NOWHERE = Place(path="", line=0, end_line=0)
"""The place of what is about a message, a patch or a series: reports show no path for it."""

UNNAMED = "(unnamed file)"
"""What reports call a file that a reply quotes without its name; its lines are the quote's."""
