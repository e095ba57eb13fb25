"""Results kept by the value of all that was read to get them.

A walk of a function is given what it may read, spelled out: the function's text, and what the
names in it mean. Who asks again with equal values gets the result that there is, whatever state
of the code, patch or run it came from; a meaning that comes out equal after a change stops the
wave there. What is costly can be taken out and put back by value, so that it outlives the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Raw

from tdxreview.store import digest

Result = TypeVar("Result")
Read = tuple[Any, ...]
"""All that a result hangs on: values that compare and hash by what they hold."""

_MEMOS: dict[str, Memo[Any]] = {}


class Memo(Generic[Result]):
    """The results of one kind of walk, the least recently used ones let go.

    `costs` tells how much work a result was; those of `worth` or more are kept between runs.
    """

    def __init__(
        self,
        name: str,
        kind: type[Result],
        costs: Callable[[Result], int],
        *,
        size: int = 8192,
        worth: int = 500,
    ) -> None:
        self._kind = kind
        self._costs = costs
        self._size = size
        self._worth = worth
        self._results: dict[Read, Result] = {}
        self._earlier: Mapping[str, Raw] = {}
        _MEMOS[name] = self

    def get(self, read: Read, compute: Callable[[], Result]) -> Result:
        """Give the result for what is read, computed only if it is not known."""
        if read in self._results:
            found = self._results.pop(read)
        else:
            found = self._known(read) or compute()
            if len(self._results) >= self._size:
                del self._results[next(iter(self._results))]
        self._results[read] = found
        return found

    def _known(self, read: Read) -> Result | None:
        raw = self._earlier.get(_name(read)) if self._earlier else None
        if raw is None:
            return None
        try:
            return msgspec.json.decode(raw, type=self._kind)
        except (msgspec.MsgspecError, RecursionError):
            return None

    def costly(self) -> Iterator[tuple[str, Raw]]:
        """Give what is worth keeping, by name."""
        for read, result in self._results.items():
            if self._costs(result) >= self._worth:
                yield _name(read), Raw(msgspec.json.encode(result))

    def clear(self) -> None:
        """Forget what is known, and what was taken from an earlier run."""
        self._results.clear()
        self._earlier = {}

    def take(self, earlier: Mapping[str, Raw]) -> None:
        """Take what was worth keeping in an earlier run."""
        self._earlier = earlier


def _name(read: Read) -> str:
    return digest(msgspec.json.encode(read, order="deterministic"))


def costly() -> dict[str, dict[str, Raw]]:
    """Give what is worth keeping of all kinds of walks."""
    return {name: dict(memo.costly()) for name, memo in sorted(_MEMOS.items())}


def take(earlier: Mapping[str, Mapping[str, Raw]]) -> None:
    """Take what an earlier run of this very code kept."""
    for name, results in earlier.items():
        if name in _MEMOS:
            _MEMOS[name].take(results)


def forget() -> None:
    """Forget all results, and those of an earlier run."""
    for each in _MEMOS.values():
        each.clear()
