"""The tool as people start it: a process with a status, stdout and stderr."""

import errno
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress

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

    name, _, known = ended.stdout.decode().partition(", rules ")

    assert (ended.returncode, name) == (0, f"tdxreview {__version__}")
    assert re.fullmatch(
        "[0-9a-f]{12}, written for Linux 6.11, .* and TDX module 1.5.01, .*\n", known
    )


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("review", "--help")])
def test_help_goes_to_stdout(arguments):
    ended = start(*arguments)

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"tdxreview" in ended.stdout.splitlines()[0]


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


@pytest.mark.parametrize("odd", ["\x1b[2J", "\x1b]0;x\x07", "\u202e", "\u2028", "\x9b31m", "\x7f"])
@pytest.mark.parametrize(
    "words",
    [
        ("{}",),
        ("review", "--{}"),
        ("review", "-{}"),
        ("review", "--revision", "{}"),
        ("review", "--fail-on", "{}"),
        ("review", "--exit-zero={}"),
        ("review", "--format", "{}"),
        ("rules", "{}"),
        ("schema", "{}"),
        ("why", "a.c:1", "{}"),
    ],
)
def test_a_wrong_command_line_does_not_steer_the_terminal(tdxreview, words, odd):
    ended = tdxreview(*(word.format(odd) for word in words))

    assert (ended.status, ended.out) == (2, "")
    assert not set(ended.err) & {"\x1b", "\x07", "\u202e", "\u2028", "\x9b", "\x7f"}


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
    assert os.strerror(errno.ENOSPC).encode() in ended.stderr


def shell(line, mail=b""):
    """Run a line of shell in which $T is the tool."""
    return subprocess.run(
        ["sh", "-c", line],
        input=mail,
        capture_output=True,
        check=False,
        env=os.environ | {"T": f"{sys.executable} -m tdxreview"},
    )


@pytest.mark.parametrize("command", ["review", "schema", "--version", "rules list"])
def test_a_closed_stdout_is_one_line_and_2(command):
    ended = shell(f"$T {command} >&-", HOSTILE)

    assert (ended.returncode, ended.stderr) == (
        2,
        b"tdxreview: cannot write to standard output: it is closed\n",
    )


def test_nothing_to_say_needs_no_stdout():
    harmless = HOSTILE.replace(b"seamcall(TDH_SYS_LP_INIT, &args)", b"other()")
    ended = shell("$T review --format b4 >&-", harmless)

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_closed_stdout_keeps_the_files_that_were_asked_for(tmp_path):
    shell(f"$T review --output json={tmp_path}/a >&-", HOSTILE)

    assert (tmp_path / "a").read_text().startswith('{\n  "schema": "tdxreview.review/1"')


@pytest.mark.parametrize("command", ["review", "review --nonsense", "review /no/such"])
def test_a_closed_stderr_changes_no_status(command):
    closed, open_ = (shell(f"$T {command} 2>{to}", HOSTILE) for to in ("&-", "/dev/null"))

    assert (closed.returncode, closed.stdout) == (open_.returncode, open_.stdout)
    assert closed.returncode in {1, 2, 3}


def test_a_closed_stdin_is_no_input():
    ended = shell("$T review <&-")

    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.startswith(b"tdxreview: standard input is closed; ")


def _heeding_interrupts():
    """Undo what a shell does to its background jobs, of which the tests may be one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_ends_it_with_130_and_without_a_word():
    """The mail never ends, so that the tool waits for the rest of it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tdxreview", "review"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_heeding_interrupts,  # noqa: PLW1509  no threads here
    ) as process:
        process.stdin.write(b"x" * 200_000)  # more than a pipe holds: it reads when this is done
        process.stdin.flush()
        for _ in range(100):  # the first may come while nothing looks for it
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)
                break
        process.kill()
        out, err = process.stdout.read(), process.stderr.read()

    assert (process.returncode, out, err) == (130, b"", b"")


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


@pytest.mark.parametrize("command", ["review", "prove", "facts", "scan", "sites"])
def test_a_name_that_is_too_long_is_a_mistake_and_no_crash(tdxreview, command):
    ended = tdxreview(command, "a" * 5000)

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1


STEERING_NAME = """\
--- /dev/null
+++ "b/arch/x86/\\033[2Jx.c"
@@ -0,0 +1,7 @@
+int f(void)
+{
+\tstruct tdx_module_args args = {};
+
+\tseamcall(TDH_SYS_INIT, &args);
+\treturn 0;
+}
"""


@pytest.mark.parametrize("form", ["text", "concise", "markdown", "github", "checkpatch", "mail"])
def test_the_name_of_a_file_does_not_steer_the_terminal(tdxreview, tmp_path, form):
    (tmp_path / "x.patch").write_text(STEERING_NAME)
    ended = tdxreview("review", str(tmp_path / "x.patch"), "--notes", "--format", form)

    assert ended.status == 1
    assert "[2Jx.c" in ended.out
    assert "\x1b" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("review", "--jobs", "0"), "invalid value for '--jobs': 0 is not in the range x>=1"),
        (("review", "--nope"), "no such option: --nope"),
        (("rules", "chekc"), "no such command 'chekc'"),
        (("why",), "missing argument 'FILE:LINE'"),
    ],
)
def test_a_wrong_command_line_is_one_line(tdxreview, words, said):
    ended = tdxreview(*words)

    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith(f"tdxreview: {said}")
    assert ended.err.endswith(f"; see tdxreview {words[0]} -h\n")
