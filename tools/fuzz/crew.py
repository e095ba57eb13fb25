"""Workers in watched processes: one that hangs or dies costs one input, not the run."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from msgspec import Struct

from tools.fuzz.model import Defect, Kind
from tools.fuzz.worker import Result, tried

HANGS_AFTER = 120.0
"""Seconds without a word after which a worker is taken for hanging."""
_LOOK = 1.0
Try = Callable[[int, int, set[str]], Result]


class Task(Struct, frozen=True):
    """Which numbers are tried: from `first` on, `count` of them at most, within `seconds`."""

    seed: int
    seconds: float
    first: int = 0
    count: int | None = None
    workers: int = 1
    patience: float = HANGS_AFTER


class Worker(Struct):
    """A process, the pipe from it, and what it was last heard to begin."""

    process: BaseProcess
    pipe: Connection
    number: int
    heard: float


def results(task: Task, attempt: Try = tried) -> Iterator[Result]:
    """Give what comes of each number, in the order in which the workers are done."""
    start = time.monotonic()
    crew = [_begun(task, task.first + each, start, attempt) for each in range(task.workers)]
    while crew:
        ready = wait([each.pipe for each in crew], _LOOK)
        for worker in tuple(crew):
            result = _heard(worker) if worker.pipe in ready else silent(worker, task)
            if result is None:
                continue
            yield result
            if worker.process.is_alive():
                continue
            crew.remove(worker)
            crew.append(_begun(task, worker.number + task.workers, start, attempt))
        crew = [each for each in crew if each.number >= 0]


def _begun(task: Task, number: int, start: float, attempt: Try) -> Worker:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(
        target=_work, args=(task, number, start, theirs, attempt), daemon=True
    )
    process.start()
    theirs.close()
    return Worker(process, ours, number, time.monotonic())


def _work(task: Task, number: int, start: float, pipe: Connection, attempt: Try) -> None:
    """Try one number after the other, and say so before and after each."""
    known: set[str] = set()
    last = None if task.count is None else task.first + task.count
    while time.monotonic() - start < task.seconds and (last is None or number < last):
        pipe.send(number)
        pipe.send(attempt(task.seed, number, known))
        number += task.workers
    pipe.send(-1)


def _heard(worker: Worker) -> Result | None:
    """Take one message: a number that is begun, -1 for the end, or a result."""
    worker.heard = time.monotonic()
    try:
        message = worker.pipe.recv()
    except EOFError:
        worker.process.join()
        return _broken(worker, Kind.CRASH, f"the process ended with {worker.process.exitcode}")
    if isinstance(message, int):
        worker.number = message
        return None
    return message if isinstance(message, Result) else None


def silent(worker: Worker, task: Task) -> Result | None:
    """End a worker that was not heard of for too long, and say so."""
    if time.monotonic() - worker.heard < task.patience:
        return None
    worker.process.kill()
    worker.process.join()
    return _broken(worker, Kind.SLOW, "no end")


def _broken(worker: Worker, kind: Kind, what: str) -> Result:
    return Result(worker.number, ("?",), 0.0, "", (Defect(kind, what, what),))
