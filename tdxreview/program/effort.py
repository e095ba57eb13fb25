"""How much work the walks of a run may be, alone and together: the one place that states it.

A function of some hundred bytes can have more paths than anyone can follow, and a file can have
hundreds of such functions. A walk that reaches a limit gives up, so that what it was to tell is
unknown; who asked notes it here, and it stands under not_examined.

The limits count states, not seconds: the same input is cut off at the same place everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from tdxreview.program.unit import Text

AT_A_POINT = 64
"""States that one point of a function may have in a walk that keeps all of them apart."""
OF_ALL_POINTS = 16
"""States that the points of a function may have on average there."""
OF_A_FUNCTION = 16_000
"""States that a function may have there at most, however many points it has."""
PARTS_OF_A_STATE = 8
"""A state that holds more than so many things counts as several."""
STATUS_STATES = 2_000
VMX_STATES = 4_000
LIFE_STATES = 3_000
"""States of one function in the walks that have their own bound; the most in Linux 6.12 is 1534."""
MOST_WAYS = 128
"""Ends of one expression, each with a state of its own."""
CONTEXTS_OF_A_FUNCTION = 16
"""Contexts that a function can begin with; what further ways bring is not asked for."""
DEEPEST_CONTEXT = 12
"""Calls between where the kernel starts running and a function whose context is asked for."""
TOGETHER = 30_000
"""States of all functions of a run; 6.12's own host code is 14,000."""
BYTES_PER_STATE = 10
"""Larger inputs may have a state more for so many bytes."""
SPARE_STATES = 40
SPARE_STATES_OF_A_POINT = 2
"""What a function may still have when the others have used all of it: a plain one has one a point.
"""


def spare(points: int, most: int) -> int:
    """Give the states that a function of so many points may have when little is left."""
    return min(most, SPARE_STATES + SPARE_STATES_OF_A_POINT * points)


class Effort:
    """What the walks of one run have used, and which functions they gave up."""

    def __init__(self, size: int) -> None:
        self._left = TOGETHER + size // BYTES_PER_STATE
        self._used: dict[int, object] = {}
        self._given_up: dict[Text, dict[str, None]] = {}

    @property
    def sparing(self) -> bool:
        """Tell whether walks have to content themselves with what is spare."""
        return self._left <= 0

    def note(self, text: Text, what: str, result: object, states: int, *, lost: bool) -> None:
        """Note what a walk of a function used, whether it was done now or is remembered.

        The same result counts once, so that what is remembered from an earlier run changes
        nothing. `what` is not known of the function if the walk is `lost`.
        """
        if id(result) not in self._used:
            self._used[id(result)] = result
            self._left -= states
        if lost:
            self._given_up.setdefault(text, {})[what] = None

    @property
    def left(self) -> int:
        """Give how many states walks may still have together."""
        return self._left

    def resume(self, states: int, given_up: Mapping[Text, Iterable[str]]) -> bool:
        """Count what an earlier run used for the same code; False, and nothing, if it is too much.

        `given_up` are the functions that walks gave up there.
        """
        if self._left <= states:
            return False
        self._left -= states
        for text, questions in given_up.items():
            self._given_up.setdefault(text, {}).update(dict.fromkeys(questions))
        return True

    def unknown(self, text: Text) -> tuple[str, ...]:
        """Give what is not known of a function since walks gave it up."""
        return tuple(self._given_up.get(text, ()))


_EFFORT: ContextVar[Effort | None] = ContextVar("effort", default=None)
_UNBOUND = 1 << 60


@contextmanager
def bounded(size: int) -> Iterator[Effort]:
    """Bound all walks within together, by the size of the text that they are about.

    What is bounded already stays so: a series is one run, whatever its patches are gathered by.
    """
    if (outer := _EFFORT.get()) is not None:
        yield outer
        return
    token = _EFFORT.set(own := Effort(size))
    try:
        yield own
    finally:
        _EFFORT.reset(token)


def effort() -> Effort:
    """Give what the walks of this run share; outside of one, nothing is shared."""
    return _EFFORT.get() or Effort(_UNBOUND)
