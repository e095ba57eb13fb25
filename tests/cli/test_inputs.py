import io

import pytest

from tdxreview.cli.inputs import read_inputs
from tdxreview.cli.pipeline import request
from tdxreview.errors import InputError, UsageError

PATCH = b"""From: Cy Rowan <cy@example.com>
Subject: [PATCH] x86/virt/tdx: Add a line
Message-ID: <1@example.com>

Text.
---
diff --git a/tdx.c b/tdx.c
--- a/tdx.c
+++ b/tdx.c
@@ -1 +1,2 @@
 a
+b
"""


@pytest.fixture
def stdin(monkeypatch):
    """Put bytes on standard input, or a terminal."""

    def put(data, *, terminal=False):
        stream = io.TextIOWrapper(io.BytesIO(data))
        monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
        monkeypatch.setattr("sys.stdin", stream)

    return put


@pytest.mark.parametrize("inputs", [(), ("-",)])
def test_standard_input_is_read_when_piped_or_named(stdin, inputs):
    stdin(PATCH)
    intake, start = read_inputs(inputs, None)

    assert ([message.message_id for message in intake.messages], start) == (["1@example.com"], None)


def test_without_input_on_a_terminal_nobody_waits(stdin):
    stdin(b"", terminal=True)

    with pytest.raises(UsageError, match=r"^no INPUT; name a mailbox"):
        read_inputs((), None)


def test_standard_input_stands_alone(stdin):
    stdin(PATCH)

    with pytest.raises(UsageError, match="cannot be combined"):
        read_inputs(("-", "x.patch"), None)


def test_paths_are_read_in_order(tmp_path):
    for name, mail in (("a", PATCH), ("b", PATCH.replace(b"<1@", b"<2@"))):
        (tmp_path / name).write_bytes(mail)
    intake, _ = read_inputs((str(tmp_path / "b"), str(tmp_path / "a")), None)

    assert [message.message_id for message in intake.messages] == ["2@example.com", "1@example.com"]


def test_a_file_with_two_dots_in_its_name_is_no_git_range(tmp_path):
    path = tmp_path / "v1..v2.patch"
    path.write_bytes(PATCH)

    intake, start = read_inputs((str(path),), None)

    assert (len(intake.messages), start) == (1, None)


def test_a_path_upwards_is_no_git_range():
    with pytest.raises(InputError, match="no such file"):
        read_inputs(("../nowhere/thread.mbox",), None)


def test_a_range_is_read_from_the_tree_and_starts_at_its_base(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(
        "tdxreview.source.git_tree.format_patch", lambda *given: asked.append(given) or PATCH
    )
    intake, start = read_inputs(("v6.12..HEAD",), tmp_path)

    assert asked == [(tmp_path, "v6.12..HEAD")]
    assert (len(intake.messages), start) == (1, "v6.12")


def test_a_base_without_a_tree_is_refused():
    with pytest.raises(UsageError, match=r"^--base v6\.12: of which tree"):
        request(["x.patch"], None, (None, "v6.12"), None)


def test_a_range_stands_alone(tmp_path):
    with pytest.raises(UsageError, match=r"^v1\.\.v2: a git range cannot be combined"):
        read_inputs(("v1..v2", "x.patch"), tmp_path)
