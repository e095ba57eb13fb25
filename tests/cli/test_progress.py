import io
import threading
import time

import pytest

from tdxreview.cli import progress as module


@pytest.fixture
def stderr(monkeypatch):
    """Make stderr a terminal, or not, that keeps what is written."""

    def put(*, terminal):
        stream = io.StringIO()
        monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
        monkeypatch.setattr("sys.stderr", stream)
        return stream

    return put


def test_a_quick_review_shows_no_bar(stderr, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 3600.0)
    stream = stderr(terminal=True)
    with module.progress() as on_patch:
        on_patch(1, 1)

    assert stream.getvalue() == ""


def test_a_slow_review_shows_how_far_it_is(stderr, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    stream = stderr(terminal=True)
    with module.progress() as on_patch:
        on_patch(3, 20)
        until = time.monotonic() + 60
        while "3/20" not in stream.getvalue() and time.monotonic() < until:
            time.sleep(0.01)

    assert "3/20" in stream.getvalue()


def test_what_is_no_terminal_gets_no_bar(stderr, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    stream = stderr(terminal=False)
    before = threading.enumerate()
    with module.progress() as on_patch:
        on_patch(3, 20)
        during = threading.enumerate()

    assert (during, stream.getvalue()) == (before, "")
