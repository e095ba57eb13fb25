import io

import pytest

from tdxreview.cli.output import PIPE_WIDTH, emit, look

WISHES = (
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "FORCE_HYPERLINK",
    "VTE_VERSION",
    "TERM_PROGRAM",
    "WT_SESSION",
    "KONSOLE_VERSION",
    "TMUX",
)


@pytest.fixture
def stdout(monkeypatch):
    """Make stdout a pipe or a terminal, without any wish in the environment."""

    def put(*, terminal=False, encoding="utf-8", **wishes):
        for name in (*WISHES, "COLUMNS", "TERM"):
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
        (False, {"FORCE_COLOR": ""}, False),
        (True, {"CLICOLOR": "0"}, False),
        (True, {"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, True),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals_and_for_those_who_ask(stdout, terminal, wishes, colour):
    stdout(terminal=terminal, **wishes)

    assert look().colour is colour


@pytest.mark.parametrize(
    ("columns", "width"),
    [("120", 120), ("7", 40), ("wide", PIPE_WIDTH), ("", PIPE_WIDTH), ("9" * 30, PIPE_WIDTH)],
)
def test_a_pipe_has_no_edge_unless_columns_gives_it_one(stdout, columns, width):
    stdout(COLUMNS=columns)

    assert look().width == width


@pytest.mark.parametrize(
    ("terminal", "wishes", "links"),
    [
        (True, {"TERM": "xterm-256color"}, False),
        (True, {"TERM": "xterm-256color", "VTE_VERSION": "7006"}, True),
        (True, {"TERM": "xterm-256color", "VTE_VERSION": "4800"}, False),
        (True, {"TERM": "xterm-kitty"}, True),
        (True, {"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, True),
        (True, {"TERM": "screen-256color", "VTE_VERSION": "7006"}, False),
        (True, {"TERM": "xterm-256color", "VTE_VERSION": "7006", "TMUX": "/x"}, False),
        (True, {"TERM": "xterm-256color", "VTE_VERSION": "7006", "NO_COLOR": "1"}, False),
        (True, {"TERM": "xterm", "FORCE_HYPERLINK": "1"}, True),
        (True, {"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        (False, {"VTE_VERSION": "7006", "FORCE_COLOR": "1"}, False),
    ],
)
def test_links_are_for_terminals_that_show_them(stdout, terminal, wishes, links):
    stdout(terminal=terminal, **wishes)

    assert look().links is links


def test_a_stream_that_lacks_a_letter_gets_a_question_mark(stdout):
    stream = stdout(encoding="ascii")
    emit("3 patches · Jörg\n")

    assert stream.buffer.getvalue() == b"3 patches ? J?rg\n"
