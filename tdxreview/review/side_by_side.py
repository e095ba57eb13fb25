"""The states of a long series judged by several processes, each a stretch of them.

A state is judged the same whatever was judged before it, so that who judges it changes nothing
but the time. The process that asks goes on with the first stretch meanwhile; the others are
copies of it, which send what each state changed through a file that has no name. What goes wrong
in one of them is only said here: who asks judges these states itself, and meets it there.
"""

import os
import pickle
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import IO, Self

from msgspec import Struct

from tdxreview.program.effort import effort
from tdxreview.review.incremental import Change, Court, Judged
from tdxreview.source.model import Image

LONG = 16
"""Patches for each process at least: what begins in the middle begins with all of the code."""
OWN_SHARE = 0.8
"""The asking process has other work to do: its stretch is so long, compared with the others."""
States = Sequence[Sequence[Image]]


class _Worker(Struct):
    """A process that judges the states from `start` on, and the file that it writes."""

    process: int
    start: int
    end: int
    file: IO[bytes]


class SideBySide:
    """Judges states that come after one that was judged; a context that ends its processes."""

    def __init__(self, court: Court, origin: Judged, states: States, jobs: int) -> None:
        self._court = court
        self._origin = origin
        self._states = states
        self._workers = [self._started(*each) for each in _stretches(len(states), jobs)]
        self._begun = {worker.start for worker in self._workers}
        self._ready: dict[int, Change] = {}
        self.shared = bool(self._workers)
        """Whether there are other processes."""
        self.failed = False
        """Whether something could not be taken from one of them."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            with suppress(ProcessLookupError):
                os.kill(worker.process, signal.SIGKILL)
            _ended(worker.process)
            worker.file.close()
        self._workers = []

    def judged(self, number: int, images: Sequence[Image], last: Judged) -> Judged:
        """Give a state by its number; `last` is the one before it."""
        while self._workers and self._workers[0].start <= number:
            self._take(self._workers.pop(0))
        change = self._ready.pop(number, None)
        if change is None:
            return self._court.judged(images, last)
        since = self._origin if number in self._begun else last
        return self._court.changed(images, since, change)

    def _take(self, worker: _Worker) -> None:
        """Take over all that a process found, or nothing where it could not do its part."""
        with worker.file:
            if _ended(worker.process) != 0:
                self.failed = True
                return
            worker.file.seek(0)
            # One reader for the whole stretch: what two states share stays one object.
            reader = pickle.Unpickler(worker.file)  # noqa: S301  written by a copy of this process
            found = {number: reader.load() for number in range(worker.start, worker.end)}
            if effort().resume(reader.load(), {}):
                self._ready |= found
            else:
                self.failed = True

    def _started(self, start: int, end: int) -> _Worker:
        file = tempfile.TemporaryFile()  # noqa: SIM115  it is closed with its process
        asking = os.getpid()
        process = os.fork()
        if process == 0:
            os._exit(self._worked(self._states[start:end], file, asking))
        return _Worker(process, start, end, file)

    def _worked(self, states: States, file: IO[bytes], asking: int) -> int:
        """Judge a stretch in a process of its own, and give its exit status."""
        try:
            writer = pickle.Pickler(file)
            last, left = self._origin, effort().left
            for images in states:
                if os.getppid() != asking:
                    return 1
                last, change = self._court.step(images, last)
                writer.dump(change)
            writer.dump(left - effort().left)
            file.flush()
        except BaseException:  # noqa: BLE001  who asked meets it where it judges this itself
            return 1
        return int(effort().sparing)


def _ended(process: int) -> int:
    """Wait for a process, and give its exit status."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _stretches(count: int, jobs: int) -> Iterator[tuple[int, int]]:
    """Give the beginnings and ends of the stretches that are not the asking process's own."""
    others = min(jobs, count // LONG) - 1
    if others < 1:
        return
    first = round(count * OWN_SHARE / (OWN_SHARE + others))
    ends = [first + (count - first) * each // others for each in range(others + 1)]
    yield from pairwise(ends)
