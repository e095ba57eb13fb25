"""The tool, run in this process on one input, with all that it says and the time that it takes."""

import io
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from msgspec.structs import replace

import tdxreview
from tdxreview.cli.knowledge import load_knowledge
from tdxreview.cli.main import run
from tdxreview.cli.pipeline import prove_if_possible
from tdxreview.errors import ExitStatus, TdxreviewError
from tdxreview.mail.intake import read_bytes
from tdxreview.report.formats import TEXT, Result, names_for, writer
from tdxreview.report.plain import plain
from tdxreview.report.view import View
from tdxreview.review.model import Review
from tdxreview.review.review import Knowledge, review
from tools.fuzz.model import Input, Outcome

GIVE_UP = 30.0
"""Seconds of processor time after which a run is broken off."""
JSON = "json"
VIEW = View(width=100, notes=True)
_OURS = Path(tdxreview.__file__).parent


class TooLongError(BaseException):
    """A run was broken off; no border inside the tool may catch that."""


def outcome(given: Input, *, proven: bool = False) -> Outcome:
    """Run the tool on an input; `proven` has its SEAMCALL code assembled and run as well."""
    start = _used()
    try:
        with _alarm():
            found = (
                _command(given.arguments)
                if given.arguments
                else _reviewed(given.raw, proven=proven)
            )
    except TdxreviewError as error:
        found = Outcome(int(error.status), 0, error=plain(str(error)))
    except TooLongError:
        found = Outcome(0, 0, crash="")
    except Exception as error:  # noqa: BLE001  to find them is what this is for
        found = Outcome(ExitStatus.OUR_BUG, 0, crash=cause(error))
    return replace(found, seconds=_used() - start)


def cause(error: BaseException) -> str:
    """Give what went wrong and the innermost place of ours, without line numbers."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if Path(each.filename).is_relative_to(_OURS)]
    place = ours[-1] if ours else frames[-1]
    name = Path(place.filename).name
    return f"{type(error).__name__} in {Path(place.filename).parent.name}/{name} {place.name}"


@cache
def _knowledge() -> Knowledge:
    return load_knowledge(())


def _reviewed(raw: bytes, *, proven: bool) -> Outcome:
    intake = read_bytes(raw, "input")
    found = review(intake, _knowledge(), prover=prove_if_possible if proven else _not_run)
    said = {name: written(name, found) for name in names_for(Result.REVIEW)}
    text, document = said.pop(TEXT), said.pop(JSON)
    return Outcome(0, 0, document=document, text=text, others=tuple(said.items()))


def written(name: str, found: Review) -> str:
    """Give a review in a format, with all that can be asked for."""
    return writer(name, Result.REVIEW)(found, VIEW)


def _not_run(*_: object) -> None:
    """Take the place of the prover: an assembler costs more than all else."""


def _command(arguments: tuple[str, ...]) -> Outcome:
    """Run a command line with nothing on its standard input."""
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    kept = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO()), out, err
    try:
        status = run(arguments)
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept
    out.flush()
    said = out.buffer.getvalue().decode("utf-8", "replace")
    crash = err.getvalue().partition(";")[0] if status == ExitStatus.OUR_BUG else ""
    return Outcome(status, 0, text=said, error=err.getvalue(), crash=crash)


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@contextmanager
def _alarm() -> Iterator[None]:
    before = signal.signal(signal.SIGPROF, _break_off)
    signal.setitimer(signal.ITIMER_PROF, GIVE_UP)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _break_off(*_: object) -> None:
    raise TooLongError
