"""The tool as people start it: a process with a status, stdout and stderr."""

import os
import subprocess
import sys

import pytest

from tdxreview import __version__
from tdxreview.cli.main import counts_last


def start(*arguments, mail=b"", stdout=subprocess.PIPE):
    """Run the tool as a process of its own, with `mail` on its standard input."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TDXREV")}
    return subprocess.run(
        [sys.executable, "-m", "tdxreview", *arguments],
        input=mail,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
    )


def test_the_version_is_printed():
    ended = start("--version")

    assert (ended.returncode, ended.stdout) == (0, f"tdxreview {__version__}\n".encode())


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("review", "--help")])
def test_help_goes_to_stdout(arguments):
    ended = start(*arguments)

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.startswith(b"Usage: tdxreview ")


def test_help_says_what_the_exit_statuses_mean():
    assert b"4 incomplete" in start("--help").stdout


@pytest.mark.parametrize("arguments", [(), ("revue",), ("review", "--nonsense")])
def test_a_wrong_command_line_is_2_with_nothing_on_stdout(arguments):
    ended = start(*arguments)

    assert (ended.returncode, ended.stdout) == (2, b"")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", b"is empty"),
        (b"\x7fELF\x02\x01\x01\0\0\0", b"is a binary file"),
        (b"x" * 1_000_000, b"holds neither mail nor a diff"),
    ],
    ids=["empty", "binary", "one long line"],
)
def test_input_that_is_no_mail_is_one_line_and_3(tmp_path, content, problem):
    path = tmp_path / "input"
    path.write_bytes(content)
    ended = start("review", str(path))

    assert (ended.returncode, ended.stdout) == (3, b"")
    assert (ended.stderr.count(b"\n"), problem in ended.stderr) == (1, True)


def test_an_escape_sequence_in_a_file_name_does_not_reach_the_terminal():
    assert b"\x1b" not in start("review", "\x1b[2Jx").stderr


def test_a_reader_that_went_away_is_no_error():
    read, write = os.pipe()
    os.close(read)
    ended = start("schema", stdout=write)
    os.close(write)

    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110
@pytest.mark.parametrize("arguments", [("schema",), ("--help",), ("--version",)])
def test_a_full_disk_is_one_line(arguments):
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        ended = start(*arguments, stdout=full)

    assert (ended.returncode, ended.stderr.count(b"\n")) == (2, 1)
    assert b"No space left on device" in ended.stderr


def test_starting_loads_nothing_heavy():
    code = (
        "import sys; from tdxreview.cli.main import run; run(['schema', '--help']);"
        "print({'rich', 'pydantic', 'pygments', 'markdown_it', 'git', 'yaml'} & set(sys.modules))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert ended.stdout.endswith("\nset()\n")


HOSTILE = b"""From: Mal <mal@example.com>
Subject: [PATCH] x86/tdx: \x1b]0;owned\x07 \x9b31m \xc2\x9b31m \xe2\x80\xae add
Message-ID: <evil\x1b[2J@example.com>

Text \x1b[2J.
---
diff --git a/arch/x86/virt/vmx/tdx/tdx.c b/arch/x86/virt/vmx/tdx/tdx.c
new file mode 100644
--- /dev/null
+++ b/arch/x86/virt/vmx/tdx/tdx.c
@@ -0,0 +1,4 @@
+void tdx_start(void)
+{
+\tseamcall(TDH_SYS_LP_INIT, &args); /* \x1b[2J \xc2\x9b \xe2\x80\xae */
+}
"""


@pytest.mark.parametrize("command", ["review", "sites"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_hostile_mail_does_not_steer_the_terminal(command, form):
    ended = start(command, "--format", form, mail=HOSTILE)
    shown = (ended.stdout + ended.stderr).decode()

    assert ended.returncode in {0, 1}
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert "tdx_start" in shown


def test_a_reader_that_goes_away_leaves_the_review_its_status():
    read, write = os.pipe()
    os.close(read)
    ended = start("review", "--exit-zero", mail=HOSTILE, stdout=write)
    os.close(write)

    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("given", "put"),
    [
        (("review", "-3", "--tree", "linux"), ["review", "--tree", "linux", "--", "-3"]),
        (("review", "x.mbox", "--notes"), ["review", "x.mbox", "--notes"]),
        (("review", "--", "-3"), ["review", "--", "-3"]),
        ((), []),
    ],
)
def test_a_count_of_commits_is_no_option(given, put):
    assert counts_last(given) == put
