"""Where a defect of ours in reading one file ends: it becomes a line about that file."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_DEFECTS = (
    RecursionError,
    ArithmeticError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
)


@contextmanager
def border(say: Callable[[str], None]) -> Iterator[None]:
    """Say what went wrong inside and go on behind it; TDXREVIEW_DEBUG lets it through."""
    try:
        yield
    except _DEFECTS as defect:
        if os.environ.get("TDXREVIEW_DEBUG"):
            raise
        what = f"{type(defect).__name__}: {str(defect)[:80]}"
        say(f"reading it failed ({what}); this is a bug in tdxreview, please report it")
