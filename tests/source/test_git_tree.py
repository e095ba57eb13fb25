"""Ranges and commits of git repositories that may be hostile."""

import stat

import pytest

from tdxreview.errors import NothingToReviewError, UsageError
from tdxreview.source.git_range import read_range
from tdxreview.source.git_tree import GitTree
from tdxreview.source.repository import is_repository
from tdxreview.source.tree import Scope


@pytest.fixture
def repository(tmp_path, git, commit):
    """Give a repository with two commits; the work tree holds a change that is in none."""
    top = tmp_path / "repo"
    top.mkdir()
    git(top, "init", "--quiet", "--initial-branch=main")
    commit(top, {"arch/f.c": "one\n", "g.h": "seamcall\n", "doc.txt": "seamcall\n"}, "first")
    commit(top, {"arch/f.c": "one\nseamcall\n"}, "second")
    (top / "arch" / "f.c").write_text("work tree\n")
    return top


def test_a_range_gives_its_patches(repository, git):
    patches = read_range(repository, "HEAD~1..HEAD").patches.decode()

    assert patches.startswith("From " + git(repository, "rev-parse", "HEAD"))
    assert "Subject: [PATCH 1/1] second" in patches
    assert "+++ b/arch/f.c\n@@ -1 +1,2 @@\n one\n+seamcall\n" in patches


@pytest.mark.parametrize("revisions", ["HEAD", "HEAD~1..", "main~1..main", "HEAD~1...HEAD"])
def test_other_ways_to_say_the_same_range(repository, revisions):
    assert (
        read_range(repository, revisions).patches == read_range(repository, "HEAD~1..HEAD").patches
    )


def test_a_bare_repository_serves(repository, tmp_path, git):
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare.git")
    bare = tmp_path / "bare.git"

    assert (
        read_range(bare, "HEAD~1..HEAD").patches == read_range(repository, "HEAD~1..HEAD").patches
    )
    assert GitTree(bare).search(["seamcall"]).files == ("arch/f.c", "g.h")


def test_index_and_work_tree_are_left_alone(repository):
    index = (repository / ".git" / "index").read_bytes()
    read_range(repository, "HEAD~1..HEAD")
    GitTree(repository).search(["seamcall"])

    assert (repository / ".git" / "index").read_bytes() == index
    assert (repository / "arch" / "f.c").read_text() == "work tree\n"


def test_the_repository_cannot_make_us_run_anything(repository, git):
    trace = repository / "ran"
    program = repository / "evil.sh"
    program.write_text(f"#!/bin/sh\necho $0 $* >> {trace}\ncat\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (repository / ".gitattributes").write_text("*.c diff=evil filter=evil\n")
    (repository / ".git" / "info" / "attributes").write_text("*.c diff=evil filter=evil\n")
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.gitProxy",
        "core.editor",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "gpg.program",
        "pager.log",
        "pager.format-patch",
        "alias.format-patch",
        "remote.origin.uploadpack",
    ):
        git(repository, "config", key, f"!{program}" if key.startswith("alias") else str(program))
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "core.hooksPath", str(repository))
    git(repository, "config", "remote.origin.url", "ext::" + str(program))
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "protocol.ext.allow", "always")
    git(repository, "config", "extensions.partialClone", "origin")

    read_range(repository, "HEAD~1..HEAD")
    tree = GitTree(repository)
    tree.read("arch/f.c")
    tree.search(["seamcall"])
    list(tree.past_states(["arch/f.c"]))
    with pytest.raises(UsageError):
        read_range(repository, "0123456789012345678901234567890123456789..HEAD")

    assert not trace.exists()
    git(repository, "status")
    assert trace.exists(), "the trap was never set"


def test_the_repository_cannot_change_the_form_of_patches(repository, git):
    plain = read_range(repository, "HEAD~1..HEAD").patches
    for key, value in {
        "format.attach": "true",
        "format.coverLetter": "true",
        "format.headers": "X-Evil: yes\n",
        "format.noprefix": "true",
        "format.pretty": "oneline",
        "format.signOff": "true",
        "format.subjectPrefix": "EVIL",
        "format.thread": "deep",
        "format.outputDirectory": str(repository / "out"),
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.context": "0",
        "diff.algorithm": "patience",
        "diff.orderFile": "nowhere",
        "diff.renames": "false",
        "color.ui": "always",
        "core.worktree": "/nowhere",
        "i18n.logOutputEncoding": "UTF-16",
    }.items():
        git(repository, "config", key, value)

    assert read_range(repository, "HEAD~1..HEAD").patches == plain


@pytest.mark.parametrize(
    "revisions",
    ["--output=evil..HEAD", "HEAD..--output=evil", "-o..HEAD", "--output=evil", "HEAD~1 HEAD", ""],
)
def test_a_range_is_no_option(repository, revisions):
    with pytest.raises(UsageError, match=r"not the name of a revision|no such revision"):
        read_range(repository, revisions)
    assert not (repository / "evil").exists()


def test_no_repository_is_said(tmp_path):
    with pytest.raises(UsageError, match=f"{tmp_path}: not a git repository; give the top"):
        read_range(tmp_path, "HEAD~1..HEAD")


def test_a_directory_inside_a_repository_is_not_its_top(repository):
    assert (is_repository(repository), is_repository(repository / "arch")) == (True, False)


def test_no_such_revision_is_said(repository):
    with pytest.raises(UsageError, match="nowhere: no such revision in"):
        read_range(repository, "nowhere..HEAD")


def test_an_empty_range_is_said(repository):
    with pytest.raises(NothingToReviewError, match=r"^HEAD\.\.HEAD: no commit in this range"):
        read_range(repository, "HEAD..HEAD")


def test_variables_that_a_hook_sets_do_not_lead_elsewhere(repository, monkeypatch, tmp_path, git):
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))

    assert GitTree(repository).read("arch/f.c") == "one\nseamcall\n"


def test_a_tree_reads_the_commit_and_not_the_work_tree(repository, git):
    tree = GitTree(repository)

    assert tree.read("arch/f.c") == "one\nseamcall\n"
    assert tree.at("HEAD~1").read("arch/f.c") == "one\n"
    assert tree.name == git(repository, "rev-parse", "HEAD")[:12]


@pytest.mark.parametrize("path", ["missing.c", "arch", "", "a\nb", "../repo/g.h", "/etc/passwd"])
def test_what_is_no_file_of_the_tree_reads_as_nothing(repository, path):
    tree = GitTree(repository)

    assert tree.read(path) is None
    assert tree.read("arch/f.c") == "one\nseamcall\n"


@pytest.mark.parametrize("path", ["./arch/f.c", "../arch/f.c", "arch/../arch/f.c"])
def test_a_path_that_git_gives_up_on_is_not_asked_for(repository, path):
    tree = GitTree(repository)

    assert tree.read(path) is None
    assert tree.read("arch/f.c") == "one\nseamcall\n"


def test_a_search_names_source_files_that_hold_a_word(repository):
    tree = GitTree(repository)

    assert tree.search(["seamcall", "-e"]).files == ("arch/f.c", "g.h")
    assert tree.search(["seamcall"], Scope(("arch",))).files == ("arch/f.c",)
    assert tree.search(["absent"]).files == ()


def test_past_states_go_back_to_the_first_commit(repository, git):
    first, second = git(repository, "rev-parse", "HEAD~1"), git(repository, "rev-parse", "HEAD")
    old, new = (git(repository, "rev-parse", f"{at}:arch/f.c") for at in (first, second))

    assert list(GitTree(repository).past_states(["arch/f.c"])) == [
        (second, {"arch/f.c": new}),
        (first, {"arch/f.c": old}),
    ]


def test_a_file_that_cannot_be_read_is_no_file_without_the_word(repository, git):
    blob = git(repository, "rev-parse", "HEAD:g.h")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(UsageError, match=f"git cannot search .*{blob}"):
        GitTree(repository).search(["seamcall"])
