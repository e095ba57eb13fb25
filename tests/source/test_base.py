"""Which commit a series applies to."""

import pytest

from tdxreview.errors import UsageError
from tdxreview.source.base import find_base, first_blobs
from tdxreview.source.git_tree import GitTree


@pytest.fixture
def history(tmp_path, git, commit):
    """Give a repository and its commits: f.c changes in each, g.c in the first only."""
    git(tmp_path, "init", "--quiet")
    first = commit(tmp_path, {"f.c": "one\n", "g.c": "x\n"}, "first")
    second = commit(tmp_path, {"f.c": "two\n"}, "second")
    third = commit(tmp_path, {"f.c": "three\n"}, "third")
    return tmp_path, (first, second, third)


def diff_on(blob, path="f.c"):
    return f"diff --git a/{path} b/{path}\nindex {blob}..1234567 100644\n"


def test_what_is_asked_for_comes_first(history, make_series):
    top, (first, second, _) = history
    base = find_base(GitTree(top), make_series(base_commit=second), wanted=first)

    assert (base.tree.commit, base.why) == (first, "--base")


def test_what_is_asked_for_must_exist(history, make_series):
    with pytest.raises(UsageError, match="nowhere: no such revision"):
        find_base(GitTree(history[0]), make_series(), wanted="nowhere")


def test_then_comes_the_base_commit_of_the_series(history, make_series):
    top, (_, second, _) = history
    base = find_base(GitTree(top), make_series(base_commit=second))

    assert (base.tree.commit, base.why) == (second, "base-commit")


@pytest.mark.parametrize("index", [0, 1, 2])
def test_then_comes_the_commit_with_the_blobs_of_the_series(history, make_series, git, index):
    top, commits = history
    blob = git(top, "rev-parse", "--short=8", f"{commits[index]}:f.c")
    base = find_base(GitTree(top), make_series(diff_on(blob)))

    assert base.tree.commit == commits[index]
    assert base.why == "the newest commit whose blobs match the index lines"


def test_all_blobs_must_match(history, make_series, git):
    top, commits = history
    blob = git(top, "rev-parse", "--short=8", f"{commits[0]}:f.c")
    base = find_base(GitTree(top), make_series(diff_on(blob), diff_on("7777777", "g.c")))

    assert base.tree.commit == commits[2]
    assert base.why == "HEAD; no commit near it matches the index lines"


def test_a_base_commit_that_is_not_there_is_said(history, make_series):
    top, commits = history
    base = find_base(GitTree(top), make_series(base_commit="7" * 40))

    assert base.tree.commit == commits[2]
    assert base.why == (
        "HEAD; there are no index lines; its base-commit 777777777777 is not in the repository"
    )


def test_only_what_the_series_finds_has_a_blob(make_series):
    series = make_series(
        diff_on("1111111") + diff_on("0000000", "new.c"),
        diff_on("2222222") + diff_on("3333333", "new.c") + diff_on("4444444", "g.c"),
    )

    assert first_blobs(series) == {"f.c": "1111111", "g.c": "4444444"}
