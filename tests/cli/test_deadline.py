import signal
import time

import pytest

from tdxreview.cli.deadline import OutOfTimeError, end_after
from tdxreview.errors import ExitStatus


@pytest.fixture(autouse=True)
def no_alarm():
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def test_a_run_that_takes_longer_is_stopped():
    with pytest.raises(OutOfTimeError, match=r"^stopped after 0\.01 s \(--timeout\)") as caught:
        wait_for_it()
    assert caught.value.status is ExitStatus.INCOMPLETE


def wait_for_it():
    """Set the time and wait, both where the error is expected: it may come at once."""
    end_after(0.01)
    time.sleep(30)


def test_without_a_time_nothing_is_set():
    end_after(None)

    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize("given", ["0", "-1", "nan"])
def test_a_time_that_is_none_is_a_mistake(tdxreview, given):
    ended = tdxreview("review", f"--timeout={given}", "x.patch")

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"tdxreview: --timeout {given}: give the seconds")
