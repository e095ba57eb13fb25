"""A command line that is read without typer means what it means to typer."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from tdxreview.cli import main, reviewing
from tdxreview.cli import plain as plain_lines
from tdxreview.cli.app import build_app
from tdxreview.cli.plain import COMMAND, FLAGS, TAKING, plain

STORY = Path(__file__).parent.parent.parent / "examples" / "story" / "v1.mbox"
LEFT = {"--timeout", "--post"}
"""What typer reads: the one begins to count while it is read, the other waits for a network."""
LINES = [
    [],
    ["-"],
    ["a.mbox", "b.mbox"],
    ["base..HEAD", "--tree", "linux"],
    ["--tree=linux", "--base=v6.12", "a"],
    ["a", "--revision", "3", "--jobs", "2"],
    ["--format", "json", "--output", "sarif=x.sarif", "a", "--output=text=-"],
    ["--fail-on", "never", "--notes", "--statistics", "--explain", "a"],
    ["--exit-zero", "--allow-incomplete", "a"],
    ["--onto", "a", "--onto", "b", "--rules", "mine", "c"],
    ["--format", "text", "--format", "json"],
    ["--format=", "a"],
    ["--config", "a.toml", "--no-config", "--trust-base", "--select", "vmx", "--ignore=args", "a"],
    ["--suppressions", "a.yml", "--baseline=v1.json", "a"],
    ["--severity", "status=note", "--ignore-in", "drivers=args", "a"],
]
NOT_PLAIN = [
    ["--help"],
    ["-h"],
    ["-3"],
    ["--", "-3"],
    ["--timeout", "3", "a"],
    ["--note"],
    ["--notes=yes"],
    ["--revision", "0"],
    ["--revision", "one"],
    ["--revision", "\N{SUPERSCRIPT TWO}"],
    ["--fail-on", "grave"],
    ["--format", "--notes"],
    ["--format"],
    ["--unheard-of"],
]


def defaults():
    return dict(reviewing.reviewed.__kwdefaults__)


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_it_asks_for_the_same(line, monkeypatch):
    usual = defaults()
    found = []
    monkeypatch.setattr(
        reviewing,
        "reviewed",
        lambda inputs=None, **options: found.append((list(inputs or ()), usual | options)) or 0,
    )
    assert plain([COMMAND, *line]) is not None
    main.run([COMMAND, *line])
    monkeypatch.setattr(plain_lines, "plain", lambda _: None)
    main.run([COMMAND, *line])
    by_hand, by_typer = found

    assert by_hand == by_typer


def test_every_option_is_read_here_or_left():
    command = typer.main.get_command(build_app()).commands[COMMAND]
    options = {name for each in command.params for name in each.opts if name.startswith("--")}

    assert options == {*FLAGS, *TAKING, *LEFT}


@pytest.mark.parametrize("line", NOT_PLAIN, ids=" ".join)
def test_what_is_not_plain_is_left(line):
    assert plain([COMMAND, *line]) is None


@pytest.mark.parametrize("line", [[], ["scan", "linux"], ["--version"], ["rev"]], ids=" ".join)
def test_another_command_is_left(line):
    assert plain(line) is None


def test_a_shell_that_completes_is_left(monkeypatch):
    monkeypatch.setenv("_TDXREVIEW_COMPLETE", "complete_bash")

    assert plain([COMMAND, "a"]) is None


def test_a_plain_review_loads_no_typer():
    line = [COMMAND, str(STORY), "--format", "json", "--output", "text=/dev/null"]
    code = (
        f"import sys; from tdxreview.cli.main import run; run({line});"
        " print('typer' in sys.modules, file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stderr == "False\n"
