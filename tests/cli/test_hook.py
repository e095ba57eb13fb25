"""git's hooks, run by git itself where it is git that calls them."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tdxreview.cli.hook_runs import COUNTER, PUSHED, TOTAL

PATH = "arch/x86/virt/vmx/tdx/added.c"
WRONG = """\
int tdx_first(void)
{
	struct tdx_module_args args = {};

	seamcall(TDH_SYS_INIT, &args);
	return 0;
}
"""
CALL = "\tseamcall(TDH_SYS_INIT, &args);\n"
RIGHT = WRONG.replace(CALL, f"\tif ({CALL.strip()[:-1]})\n\t\treturn -EIO;\n")
REFUSED = f"{PATH}:5: error: [status-ignored] "


@pytest.fixture
def repository(tmp_path, git, commit, monkeypatch):
    """Give a repository with one commit, that is the current folder."""
    top = tmp_path / "repo"
    top.mkdir()
    git(top, "init", "--quiet", "--initial-branch=main")
    commit(top, {"README": "one\n"}, "first")
    monkeypatch.chdir(top)
    for name in (COUNTER, TOTAL, *PUSHED):
        monkeypatch.delenv(name, raising=False)
    return top


def patches(top, git, count=1):
    git(top, "format-patch", "--quiet", f"-{count}", "HEAD")
    return sorted(top.glob("0*.patch"))


def test_hooks_are_installed_once_and_again(tdxreview, repository):
    first = tdxreview("hook", "install")
    again = tdxreview("hook", "install", "pre-push")
    hook = repository / ".git" / "hooks" / "pre-push"

    assert (first.status, first.err, again.status) == (0, "", 0)
    assert first.out.count("\n") == 2
    assert hook.read_text().endswith('exec tdxreview hook run pre-push "$@"\n')
    assert os.access(hook, os.X_OK)


def test_a_hook_of_somebody_else_is_left_alone(tdxreview, repository):
    hook = repository / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 0\n")
    ended = tdxreview("hook", "install")

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.endswith('add this to it: tdxreview hook run pre-push "$@" || exit 1\n')
    assert hook.read_text() == "#!/bin/sh\nexit 0\n"
    assert not (hook.parent / "sendemail-validate").exists()


def test_outside_of_a_repository_there_is_nothing_to_hook(tdxreview, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = tdxreview("hook", "install")

    assert (ended.status, ended.err.split(";")[0]) == (2, "tdxreview: not in a git repository")


def test_a_mail_with_an_error_is_not_sent(tdxreview, repository, git, commit):
    commit(repository, {PATH: WRONG}, "second")
    (patch,) = patches(repository, git)
    ended = tdxreview("hook", "run", "sendemail-validate", str(patch))

    assert ended.status == 1
    assert ended.out.startswith(REFUSED)


@pytest.mark.parametrize("files", [{PATH: RIGHT}, {"fs/other.c": "int one;\n"}])
def test_a_mail_without_one_is_sent_without_a_word(tdxreview, repository, git, commit, files):
    commit(repository, files, "second")
    (patch,) = patches(repository, git)
    ended = tdxreview("hook", "run", "sendemail-validate", str(patch))

    assert (ended.status, ended.out, ended.err) == (0, "", "")


def test_a_cover_letter_is_sent(tdxreview, repository):
    cover = repository / "0000-cover-letter.patch"
    cover.write_text("From: A <a@b.c>\nSubject: [PATCH 0/1] tdx: all\n\nText.\n")
    ended = tdxreview("hook", "run", "sendemail-validate", str(cover))

    assert (ended.status, ended.out, ended.err) == (0, "", "")


def test_a_series_is_reviewed_as_a_whole_at_its_last_mail(
    tdxreview, repository, git, commit, monkeypatch
):
    commit(repository, {PATH: WRONG}, "second")
    commit(repository, {PATH: RIGHT}, "third")
    statuses = []
    for number, patch in enumerate(patches(repository, git, 2), start=1):
        monkeypatch.setenv(COUNTER, str(number))
        monkeypatch.setenv(TOTAL, "2")
        statuses.append(tdxreview("hook", "run", "sendemail-validate", str(patch)).status)

    assert statuses == [0, 0]
    assert not (repository / ".git" / "tdxreview-sent").exists()


def test_git_push_is_refused_for_an_error(repository, git, commit, tmp_path):
    """The hook itself is run by git, with the tool of this environment."""
    git(tmp_path, "init", "--quiet", "--bare", "to.git")
    git(repository, "remote", "add", "origin", str(tmp_path / "to.git"))
    git(repository, "push", "--quiet", "origin", "main")
    commit(repository, {PATH: WRONG}, "second")
    tools = Path(sys.executable).parent
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment["PATH"] = f"{tools}:{environment['PATH']}"
    subprocess.run(["tdxreview", "hook", "install", "pre-push"], env=environment, check=True)
    ended = subprocess.run(
        ["git", "push", "origin", "main"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert REFUSED in ended.stdout + ended.stderr
    assert git(tmp_path / "to.git", "rev-parse", "main") == git(repository, "rev-parse", "HEAD~1")


@pytest.mark.parametrize(
    "said",
    [
        ("refs/heads/main {head} refs/heads/main {parent}", 1),
        ("refs/heads/main {zero} refs/heads/main {parent}", 0),
        ("refs/heads/main {head} refs/heads/main {head}", 0),
        ("refs/heads/main {head} refs/heads/main {zero}", 0),
    ],
)
def test_what_a_push_brings_is_told_by_git(tdxreview, repository, git, commit, monkeypatch, said):
    row, status = said
    head = commit(repository, {PATH: WRONG}, "second")
    names = {"head": head, "parent": git(repository, "rev-parse", "HEAD~1"), "zero": "0" * 40}
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{row.format(**names)}\n"))

    assert tdxreview("hook", "run", "pre-push", "origin", "url").status == status


def test_pre_commit_says_what_is_pushed_by_variables(tdxreview, repository, commit, monkeypatch):
    commit(repository, {PATH: WRONG}, "second")
    without = tdxreview("hook", "run", "pre-commit-push")
    monkeypatch.setenv(PUSHED[0], "HEAD~1")
    monkeypatch.setenv(PUSHED[1], "HEAD")

    assert (without.status, tdxreview("hook", "run", "pre-commit-push").status) == (0, 1)
