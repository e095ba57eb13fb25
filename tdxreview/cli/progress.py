"""A bar on stderr, if that is a terminal and people would otherwise wonder."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tdxreview.cli.output import is_terminal

PATIENCE = 1.0
"""Seconds before a bar appears."""

Progress = Callable[[int, int], None]


@contextmanager
def progress() -> Iterator[Progress]:
    """Give the function that is told how many of how many patches are done."""
    if not is_terminal(sys.stderr):
        yield lambda _done, _total: None
        return
    bar = _LateBar()
    timer = threading.Timer(PATIENCE, bar.show)
    timer.daemon = True
    timer.start()
    try:
        yield bar.advance
    finally:
        timer.cancel()
        bar.close()


class _LateBar:
    """Knows how far the review is, and draws it only once it was told to show."""

    def __init__(self) -> None:
        self._done, self._total = 0, 0
        self._lock = threading.Lock()
        self._closed = False
        self._draw: Callable[[int, int], None] | None = None
        self._stop: Callable[[], None] = lambda: None

    def advance(self, done: int, total: int) -> None:
        with self._lock:
            self._done, self._total = done, total
            if self._draw:
                self._draw(done, total)

    def show(self) -> None:
        with self._lock:
            if not self._closed:
                self._draw, self._stop = _rich_bar()
                self._draw(self._done, self._total)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._stop()


def _rich_bar() -> tuple[Callable[[int, int], None], Callable[[], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("reviewing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("patches"),
        console=Console(stderr=True),
        transient=True,
    )
    task = bars.add_task("reviewing", total=None)
    bars.start()
    return lambda done, total: bars.update(task, completed=done, total=total or None), bars.stop
