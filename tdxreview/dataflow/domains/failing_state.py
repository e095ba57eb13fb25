"""What a path knows of a step that failed, and what is told of it in the end."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.signs import NEGATIVE, TRUE, ZERO
from tdxreview.dataflow.environment import Environment

NONE = -1


class Fails(StrEnum):
    """How a step tells that it failed."""

    STATUS = "status"
    ERRNO = "errno"
    NULL = "null"
    FALSE = "false"


ENDS = {
    Fails.STATUS: (ZERO, TRUE),
    Fails.ERRNO: (ZERO, NEGATIVE),
    Fails.NULL: (TRUE, ZERO),
    Fails.FALSE: (TRUE, ZERO),
}
"""What a step gives after success and after failure."""


class Answered(StrEnum):
    """What is returned after a failure."""

    ZERO = "zero"
    POSITIVE = "positive"
    NEVER_SET = "never-set"


class Answer(Struct, frozen=True):
    """A path from a step that failed by the way out of its branch to a return."""

    step: ir.Span
    way: ir.Span
    leaving: ir.Span
    gives: Answered

    def order(self) -> tuple[tuple[int, int], tuple[int, int], str]:
        """Give what sorts answers by their places in the text."""
        way, step = self.way, self.step
        return (way.line, way.column), (step.line, step.column), self.gives


class Failing(Environment, frozen=True, cache_hash=True):
    """A path's knowledge; what depends on the failure is `tied`.

    `failed` is the step that failed, `asked` says that a condition has told it, `way` is how the
    path left the branch of that condition. `fine` are the steps that worked, `unset` the variables
    that hold nothing yet, `leaving` is the return that was taken.
    """

    failed: int = NONE
    asked: bool = False
    way: int = NONE
    fine: frozenset[int] = frozenset()
    unset: frozenset[str] = frozenset()
    leaving: int = NONE

    def forgiven(self) -> Failing:
        """Give the state in which the failure is none."""
        return replace(self, failed=NONE, asked=False, way=NONE)


class Way(Struct, frozen=True):
    """How a path leaves the branch of a failure; `ends` says that it goes to the function's end."""

    side: ir.Span
    span: ir.Span
    ends: bool


class Followed(Struct, frozen=True):
    """What the paths of a function showed, and how many states it took.

    `by_truth` says that it returns true after success and false after every failure.
    """

    answers: tuple[Answer, ...] = ()
    by_truth: bool = False
    states: int = 0
