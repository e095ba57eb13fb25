"""Memory given back between reviews, so that a process which makes a thousand of them stays level.

What a review remembers of texts serves the next state of the same series, and little of it the
next review. A process that makes one review never gets here.
"""

import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from tdxreview.program import memo

MOST_KEPT = 20_000
"""Results that may stay for the next review: about 30 MB."""
_PACKAGE = __name__.partition(".")[0]
_REMEMBERED = type(cache(len))


def give_back(most: int = MOST_KEPT) -> None:
    """Forget all that was remembered, if it is more than `most` results.

    To be called where nothing of an earlier review is in use: what is asked for again comes out
    equal, but is not the same object.
    """
    remembered = tuple(_remembered())
    if sum(each.cache_info().currsize for each in remembered) > most:
        for each in remembered:
            each.cache_clear()
        memo.forget()


def _remembered() -> Iterator[Any]:
    """Yield the functions of the package that remember what they return."""
    for name, module in tuple(sys.modules.items()):
        if name.partition(".")[0] == _PACKAGE:
            found: tuple[Callable[..., object], ...] = tuple(vars(module).values())
            yield from (each for each in found if isinstance(each, _REMEMBERED))
