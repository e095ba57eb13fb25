import io
from pathlib import Path

import pytest

from tdxreview.cli.inputs import read_inputs
from tdxreview.cli.pipeline import request, run_review
from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.mail.subject import parse_subject

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "risky.mbox"

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
    read = read_inputs(inputs, None)

    assert [message.message_id for message in read.intake.messages] == ["1@example.com"]
    assert (read.tree, read.base) == (None, None)


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
    intake = read_inputs((str(tmp_path / "b"), str(tmp_path / "a")), None).intake

    assert [message.message_id for message in intake.messages] == ["2@example.com", "1@example.com"]


def test_a_file_with_two_dots_in_its_name_is_no_git_range(tmp_path):
    path = tmp_path / "v1..v2.patch"
    path.write_bytes(PATCH)

    read = read_inputs((str(path),), None)

    assert (len(read.intake.messages), read.base) == (1, None)


def test_a_path_upwards_is_no_git_range():
    with pytest.raises(UsageError, match=r"^\.\./nowhere/thread\.mbox: no such file or directory"):
        read_inputs(("../nowhere/thread.mbox",), None)


@pytest.fixture
def repository(tmp_path, git, commit):
    """Give a repository with three commits on main, and a branch that left it at the first."""
    top = tmp_path / "linux"
    (top / "arch").mkdir(parents=True)
    git(top, "init", "--quiet", "--initial-branch=main")
    for number in (1, 2, 3):
        commit(top, {"arch/f.c": f"{number}\n"}, f"change {number}")
        if number == 1:
            git(top, "branch", "topic")
    git(top, "checkout", "--quiet", "topic")
    commit(top, {"g.c": "1\n"}, "topic change")
    git(top, "checkout", "--quiet", "main")
    return top


@pytest.mark.parametrize(
    "named",
    [
        ("HEAD~2..HEAD", ["change 2", "change 3"], "HEAD~2", "2 commits of linux (HEAD~2..HEAD)"),
        ("main~1..", ["change 3"], "HEAD~1", "one commit of linux (main~1..)"),
        ("..topic", ["topic change"], "HEAD", "one commit of linux (..topic)"),
        ("main...topic", ["topic change"], "topic~1", "one commit of linux (main...topic)"),
        ("-2", ["change 2", "change 3"], "HEAD~2", "2 commits of linux (-2)"),
        ("topic", ["topic change"], "topic~1", "one commit of linux (topic)"),
        ("HEAD", ["change 3"], "HEAD~1", "one commit of linux (HEAD)"),
    ],
)
@pytest.mark.parametrize("folder", [".", "arch"])
def test_commits_are_named_as_git_users_name_them(repository, git, monkeypatch, named, folder):
    words, subjects, base, taken_for = named
    monkeypatch.chdir(repository / folder)
    read = read_inputs((words,), None)

    assert [parse_subject(m.subject).title for m in read.intake.messages] == subjects
    assert read.base == git(repository, "rev-parse", base)
    assert read.tree == repository
    assert read.intake.taken_for == taken_for


def test_a_root_commit_builds_on_nothing(repository):
    read = read_inputs(("HEAD~2",), repository)

    assert (len(read.intake.messages), read.base) == (1, None)


@pytest.mark.parametrize("words", ["HEAD~2", "topic~1", "-3"])
def test_below_a_root_commit_there_is_no_tree(repository, words):
    read = read_inputs((words,), repository)

    assert read.ground(None) == (None, None)
    assert read.ground("HEAD") == (repository, "HEAD")


@pytest.mark.parametrize("words", ["HEAD", "-2", "HEAD~2..HEAD"])
def test_above_a_root_commit_there_is_one(repository, git, words):
    read = read_inputs((words,), repository)

    below = "HEAD~1" if words == "HEAD" else "HEAD~2"
    assert read.ground(None) == (repository, git(repository, "rev-parse", below))


def test_newest_commits_that_do_not_build_on_each_other_have_a_tree(repository, git):
    git(repository, "merge", "--quiet", "--no-edit", "topic")

    assert read_inputs(("-4",), repository).ground(None) == (repository, None)


def test_a_path_wins_over_a_branch(repository, monkeypatch):
    monkeypatch.chdir(repository)
    (repository / "topic").write_bytes(PATCH)

    assert read_inputs(("topic",), None).tree is None


def test_a_linked_work_tree_serves(repository, git, monkeypatch, tmp_path):
    git(repository, "worktree", "add", "--quiet", str(tmp_path / "beside"), "topic")
    monkeypatch.chdir(tmp_path / "beside")
    read = read_inputs(("main..",), None)

    assert [parse_subject(m.subject).title for m in read.intake.messages] == ["topic change"]


def test_an_empty_range_is_nothing_to_review(repository):
    with pytest.raises(NothingToReviewError, match=r"^HEAD\.\.HEAD: no commit in this range"):
        read_inputs(("HEAD..HEAD",), repository)


@pytest.mark.parametrize("name", ["x.patch", "nowhere/x"])
def test_what_is_neither_a_path_nor_a_revision_is_a_mistake(repository, monkeypatch, name):
    monkeypatch.chdir(repository)

    with pytest.raises(UsageError, match=rf"^{name}: no such file or directory") as caught:
        read_inputs((name,), None)

    assert not isinstance(caught.value, NothingToReviewError)


def test_a_range_outside_of_a_repository_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError, match=r"^v1\.\.v2: of which repository\? Name it with --tree"):
        read_inputs(("v1..v2",), None)


def test_a_base_without_a_tree_is_refused():
    with pytest.raises(UsageError, match=r"^--base v6\.12: of which tree"):
        run_review(request([str(EXAMPLE)], None, (None, "v6.12"), None))


def test_a_range_stands_alone(tmp_path):
    with pytest.raises(UsageError, match=r"^v1\.\.v2: a git range cannot be combined"):
        read_inputs(("v1..v2", "x.patch"), tmp_path)
