"""An end in time for a run, for CI that must not wait."""

import signal
from types import FrameType

from tdxreview.errors import ExitStatus, TdxreviewError, UsageError


class OutOfTimeError(TdxreviewError):
    """The time that `--timeout` gave is over; nothing is reported of a run cut off like that."""

    status = ExitStatus.INCOMPLETE


def end_after(seconds: float | None) -> float | None:
    """Let the run end with an OutOfTimeError so many seconds from now; None lets it run."""
    if seconds is None:
        return None
    if not seconds > 0:
        raise UsageError(f"--timeout {seconds:g}: give the seconds that a run may take, above 0")

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTimeError(
            f"stopped after {seconds:g} s (--timeout); nothing was reported, give it more time"
        )

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    return seconds
