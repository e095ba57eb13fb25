import io

import pytest

from tdxreview.cli.output import emit, look


@pytest.fixture
def stdout(monkeypatch):
    """Make stdout a pipe or a terminal, without any wish in the environment."""

    def put(*, terminal=False, encoding="utf-8", **wishes):
        for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "TERM"):
            monkeypatch.delenv(name, raising=False)
        for name, value in wishes.items():
            monkeypatch.setenv(name, value)
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
        monkeypatch.setattr("sys.stdout", stream)
        return stream

    return put


@pytest.mark.parametrize(
    ("terminal", "wishes", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"CLICOLOR_FORCE": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals_and_for_those_who_ask(stdout, terminal, wishes, colour):
    stdout(terminal=terminal, **wishes)

    assert look().colour is colour


@pytest.mark.parametrize(
    ("columns", "width"), [("120", 120), ("7", 40), ("wide", 80), ("", 80), ("9" * 30, 80)]
)
def test_columns_sets_the_width_of_a_pipe(stdout, columns, width):
    stdout(COLUMNS=columns)

    assert look().width == width


def test_a_stream_that_lacks_a_letter_gets_a_question_mark(stdout):
    stream = stdout(encoding="ascii")
    emit("3 patches · Jörg\n")

    assert stream.buffer.getvalue() == b"3 patches ? J?rg\n"
