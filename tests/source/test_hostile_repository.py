"""Repositories that would have git open, wait for, run or believe something."""

import os
import shutil
import socket

import pytest

from tdxreview.errors import UsageError
from tdxreview.source import git_command
from tdxreview.source.git_range import read_range
from tdxreview.source.git_tree import GitTree
from tdxreview.source.tree import Unread


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    """Let no git be waited for long, so that one which waits for a pipe fails the test."""
    monkeypatch.setattr(git_command, "LONGEST", 20.0)


@pytest.fixture
def make_repository(tmp_path, git, commit):
    """Give a function that makes a repository with two commits."""

    def build(name="repo", *options):
        top = tmp_path / name
        top.mkdir()
        git(top, "init", "--quiet", "--initial-branch=main", *options)
        commit(top, {"arch/f.c": "one\n", "g.h": "seamcall\n"}, "first")
        commit(top, {"arch/f.c": "one\nseamcall\n"}, "second")
        return top

    return build


@pytest.fixture
def repository(make_repository):
    return make_repository()


@pytest.fixture
def pipe(tmp_path):
    """Give a pipe that whoever opens it waits for."""
    path = tmp_path / "outside.pipe"
    os.mkfifo(path)
    return path


def answers(top):
    """Give what a review asks of a repository."""
    tree = GitTree(top)
    return (
        tree.read("arch/f.c"),
        tree.search(["seamcall"]),
        [blobs for _, blobs in tree.past_states(["arch/f.c"])],
        read_range(top, "HEAD~1..HEAD").patches,
    )


def append(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(text)


@pytest.mark.parametrize(
    "section",
    [
        "[include]\n\tpath = {pipe}\n",
        '[includeIf "gitdir:**"]\n\tpath = {pipe}\n',
        "[InClude] path={pipe}\n",
        "[core]\n\tattributesFile = {pipe}\n\texcludesFile = {pipe}\n",
        "[diff]\n\torderFile = {pipe}\n",
        "[mailmap]\n\tfile = {pipe}\n",
        "[format]\n\tsignatureFile = {pipe}\n",
        '[core]\n\tworktree = "{pipe}"\n',
        "[core]\n\tbare = perhaps\n",
        "[core]\n\tbigFileThreshold = 1\n",
        "[grep]\n\tthreads = 10000\n\tpatternType = perl\n",
        "[pack]\n\tthreads = 10000\n",
        "[log]\n\tfollow = true\n",
    ],
)
def test_no_setting_of_a_repository_has_an_effect(repository, pipe, section):
    plain = answers(repository)
    append(repository / ".git" / "config", section.format(pipe=pipe))

    assert answers(repository) == plain


@pytest.mark.parametrize("place", [".git/info/attributes", ".gitattributes"])
def test_no_attribute_hides_a_file_or_a_change(repository, commit, place):
    append(repository / place, "*.c -diff binary export-ignore\n")
    commit(repository, {"arch/f.c": "one\nseamcall\ntwo\n"}, "third")

    assert GitTree(repository).search(["seamcall"]).files == ("arch/f.c", "g.h")
    assert GitTree(repository).read("arch/f.c") == "one\nseamcall\ntwo\n"
    assert b"\n+two\n" in read_range(repository, "HEAD").patches


def test_no_graft_and_no_replaced_object_changes_history(repository, git):
    plain = answers(repository)
    first, second = git(repository, "rev-parse", "HEAD~1"), git(repository, "rev-parse", "HEAD")
    append(repository / ".git" / "info" / "grafts", f"{second}\n")
    git(repository, "replace", second, first)

    assert answers(repository) == plain


def test_what_is_not_read_of_a_repository_may_be_anything(repository):
    plain = answers(repository)
    (repository / ".git" / "index").unlink()
    shutil.rmtree(repository / ".git" / "hooks", ignore_errors=True)
    for name in ("index", "hooks", "description", "COMMIT_EDITMSG", "modules", "worktrees"):
        if (repository / ".git" / name).exists():
            (repository / ".git" / name).unlink()
        os.mkfifo(repository / ".git" / name)

    assert answers(repository) == plain


@pytest.mark.parametrize(
    "name",
    [
        "HEAD",
        "config",
        "packed-refs",
        "shallow",
        "commondir",
        "FETCH_HEAD",
        "refs/heads/main",
        "refs/tags/odd",
        "logs/HEAD",
        "objects/pack/pack-1.idx",
        "objects/info/alternates",
        "objects/info/commit-graph",
        "objects/00/00000000000000000000000000000000000000",
    ],
)
def test_a_pipe_where_git_keeps_files_is_named(repository, name):
    path = repository / ".git" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)

    with pytest.raises(UsageError, match=rf"{name}: is a pipe"):
        GitTree(repository)
    with pytest.raises(UsageError, match=rf"{name}: is a pipe"):
        read_range(repository, "HEAD~1..HEAD")


def test_a_socket_where_git_keeps_files_is_named(repository, monkeypatch):
    monkeypatch.chdir(repository / ".git" / "refs")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("odd")

    with pytest.raises(UsageError, match="refs/odd: is a socket where git keeps files; remove it"):
        GitTree(repository)


@pytest.mark.parametrize("name", ["refs/heads/odd", "objects/pack/pack-1.pack", "objects/aa"])
def test_a_link_out_of_a_repository_is_named(repository, pipe, name):
    (repository / ".git" / name).symlink_to(pipe)

    with pytest.raises(UsageError, match=rf"{name}: a symbolic link out of the repository to"):
        GitTree(repository)


@pytest.mark.parametrize("name", ["config", "HEAD", "packed-refs"])
def test_a_link_in_place_of_a_file_of_a_repository_is_named(repository, tmp_path, name):
    path = repository / ".git" / name
    if path.exists():
        path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(UsageError, match=rf"{name}: (is a symbolic link|names neither)"):
        GitTree(repository)


def test_a_head_that_is_a_link_to_its_branch_is_read(repository):
    plain = answers(repository)
    (repository / ".git" / "HEAD").unlink()
    (repository / ".git" / "HEAD").symlink_to("refs/heads/main")

    assert answers(repository) == plain


@pytest.mark.parametrize("head", ["", "ref: ../../secret\n", "ref: refs/../../x\n", "\0" * 50])
def test_a_head_that_names_no_branch_is_said(repository, head):
    (repository / ".git" / "HEAD").write_text(head)

    with pytest.raises(UsageError, match=r"HEAD: names neither a branch nor a commit; mend it"):
        GitTree(repository)


def test_objects_elsewhere_are_read_only_where_the_user_names_them(
    make_repository, tmp_path, git, monkeypatch
):
    plain = answers(make_repository())
    objects = tmp_path / "repo" / ".git" / "objects"
    git(tmp_path, "clone", "--quiet", "--shared", "repo", "borrowing")

    with pytest.raises(UsageError, match=rf"alternates: objects lie in {objects} as well, outside"):
        GitTree(tmp_path / "borrowing")
    monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", str(objects))
    assert answers(tmp_path / "borrowing") == plain


def test_objects_that_lead_out_over_two_steps_are_found(repository, tmp_path):
    near = repository / "near" / "objects"
    append(near / "info" / "alternates", f"# elsewhere\n{tmp_path}/far\n")
    append(repository / ".git" / "objects" / "info" / "alternates", "../../near/objects\n")

    with pytest.raises(UsageError, match=rf"{near}/info/alternates: objects lie in {tmp_path}/far"):
        GitTree(repository)


def test_a_quoted_name_of_objects_is_not_guessed(repository):
    append(repository / ".git" / "objects" / "info" / "alternates", '"\\057etc"\n')

    with pytest.raises(UsageError, match=r"alternates: a quoted name, which is not read; mend it"):
        GitTree(repository)


def test_objects_behind_a_link_are_not_read(repository, tmp_path):
    (repository / ".git" / "objects").rename(tmp_path / "objects")
    (repository / ".git" / "objects").symlink_to(tmp_path / "objects")

    with pytest.raises(UsageError, match=rf"objects: a symbolic link to {tmp_path}/objects; name"):
        GitTree(repository)


@pytest.fixture
def strange(tmp_path):
    top = tmp_path / "strange"
    top.mkdir()
    return top


@pytest.mark.parametrize("way", ["link", "file", "worktree", "commondir"])
def test_a_tree_cannot_claim_another_repository_as_its_own(repository, strange, way):
    secret = repository / ".git"
    if way == "link":
        (strange / ".git").symlink_to(secret)
    elif way == "file":
        (strange / ".git").write_text(f"gitdir: {secret}\n")
    else:
        own = strange / ("fake" if way == "worktree" else ".git")
        own.mkdir()
        (own / "HEAD").write_text("ref: refs/heads/main\n")
        (own / "commondir").write_text(f"{secret}\n")
        (own / "gitdir").write_text(f"{strange}/.git\n")
        if way == "worktree":
            (strange / ".git").write_text(f"gitdir: {own}\n")

    with pytest.raises(UsageError, match=rf"{secret}"):
        GitTree(strange)


def test_what_is_no_repository_under_its_name_is_said(strange):
    (strange / ".git").mkdir()
    with pytest.raises(UsageError, match=r"\.git: holds no HEAD, so git takes it for no reposit"):
        GitTree(strange)
    (strange / ".git").rmdir()
    os.mkfifo(strange / ".git")
    with pytest.raises(UsageError, match=r"\.git: is a pipe, no repository; remove it"):
        GitTree(strange)
    (strange / ".git").unlink()
    (strange / ".git").write_text("hello\n")
    with pytest.raises(UsageError, match=r"\.git: a file that names no git directory"):
        GitTree(strange)


def test_a_linked_work_tree_and_a_submodule_are_read(repository, git, tmp_path):
    git(repository, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"), "HEAD~1")
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", str(repository), "sub")
    git(outer, "commit", "--quiet", "--message=sub")

    assert GitTree(tmp_path / "linked").read("arch/f.c") == "one\n"
    assert answers(outer / "sub") == answers(repository)
    assert GitTree(outer).search(["seamcall"]) == (
        (),
        (Unread("sub", "is a submodule; review the tree that it names by itself"),),
    )


def test_a_repository_of_another_owner_is_read(repository):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    plain = answers(repository)
    for path in (repository, *repository.rglob("*")):
        os.chown(path, 4321, 4321, follow_symlinks=False)

    assert answers(repository) == plain


def test_a_sha256_repository_is_read(make_repository):
    top = make_repository("wide", "--object-format=sha256")
    text, found, states, patches = answers(top)

    assert (text, found.files) == ("one\nseamcall\n", ("arch/f.c", "g.h"))
    assert [len(blobs["arch/f.c"]) for blobs in states] == [64, 64]
    assert len(GitTree(top).commit) == 64
    assert b"\n+seamcall\n" in patches


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("[core]\nrepositoryFormatVersion = 7\n", "format 7 of git is not known"),
        (
            "[core]\nrepositoryFormatVersion = 1\n[extensions]\nodd = yes\n",
            r"extensions.odd = yes of git is not known; review a plain copy",
        ),
        ("[core\n", "bad config line"),
    ],
)
def test_a_form_of_repository_that_is_not_known_is_said(repository, setting, reason):
    append(repository / ".git" / "config", setting)

    with pytest.raises(UsageError, match=reason):
        GitTree(repository)


def test_a_partial_clone_is_read_as_far_as_it_goes_and_never_asks(repository, tmp_path, git):
    git(repository, "config", "uploadpack.allowFilter", "true")
    url = f"file://{repository}"
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", "--no-checkout", url, "part")
    part = GitTree(tmp_path / "part")

    assert part.read("arch/f.c") is None
    assert part.why_unread("arch/f.c") == (
        "is no file in this repository; this is a partial clone,"
        " git fetch --refetch --no-filter makes it whole"
    )
    assert part.why_unread("none.c") is None
    with pytest.raises(UsageError, match=r"git cannot search .*; this is a partial clone"):
        part.search(["seamcall"])
    with pytest.raises(UsageError, match=r"git cannot make patches of .*; this is a partial clone"):
        read_range(tmp_path / "part", "HEAD~1..HEAD")


def test_the_end_of_a_shallow_clone_is_no_patch_of_all_files(repository, tmp_path, git):
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "short")

    assert GitTree(tmp_path / "short").read("arch/f.c") == "one\nseamcall\n"
    with pytest.raises(UsageError, match=r"what this commit changes is not in .*, a shallow clone"):
        read_range(tmp_path / "short", "HEAD")
    with pytest.raises(UsageError, match=r"HEAD~1: no such revision in .*; this is a shallow clon"):
        read_range(tmp_path / "short", "HEAD~1..HEAD")


def test_a_tree_that_says_it_is_shallow_hides_no_change(repository, git):
    append(repository / ".git" / "shallow", git(repository, "rev-parse", "HEAD") + "\n")

    with pytest.raises(UsageError, match=r"what this commit changes is not in .*, a shallow clone"):
        read_range(repository, "HEAD")


def test_refs_that_are_packed_and_moved_are_found(repository, git):
    first = git(repository, "rev-parse", "HEAD~1")
    git(repository, "tag", "-a", "v1", first, "-m", "one")
    git(repository, "pack-refs", "--all")

    assert GitTree(repository, "v1").commit == first
    assert GitTree(repository, "main@{1}").commit == first
    assert GitTree(repository, "HEAD@{1}").commit == first


def test_what_cannot_be_read_in_a_commit_is_named(repository, commit):
    (repository / "arch" / "in.c").symlink_to("f.c")
    (repository / "arch" / "out.c").symlink_to("/etc/passwd")
    (repository / "arch" / "up").symlink_to("../../beside")
    (repository / "arch" / "nul.c").write_bytes(b"seamcall\0\n")
    commit(repository, {}, "odd")
    tree = GitTree(repository)

    assert tree.search(["seamcall"]) == (
        ("arch/f.c", "arch/nul.c", "g.h"),
        (
            Unread("arch/out.c", "is a symbolic link out of the tree, which is not followed"),
            Unread("arch/up", "is a symbolic link out of the tree, which is not followed"),
        ),
    )
    assert tree.why_unread("arch/nul.c") == "holds a NUL byte and is taken for binary"


def test_a_huge_file_of_a_commit_is_named_and_the_next_is_read(repository, commit, monkeypatch):
    monkeypatch.setattr("tdxreview.source.git_tree.LARGEST_FILE", 1024 * 1024)
    commit(repository, {"arch/huge.c": "seamcall\n" * 200_000}, "huge")
    tree = GitTree(repository)

    assert tree.read("arch/huge.c") is None
    assert tree.why_unread("arch/huge.c") == "is larger than 1 MB"
    assert tree.read("arch/f.c") == "one\nseamcall\n"


def test_a_damaged_file_of_a_commit_is_named_and_the_next_is_read(repository, git):
    blob = git(repository, "rev-parse", "HEAD:arch/f.c")
    path = repository / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    tree = GitTree(repository)

    assert tree.read("arch/f.c") is None
    assert tree.read("g.h") == "seamcall\n"


def test_git_that_never_answers_is_stopped(repository, monkeypatch, tmp_path):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(git_command, "LONGEST", 0.2)
    monkeypatch.setattr(git_command.Git, "GIT_PYTHON_GIT_EXECUTABLE", str(slow))

    with pytest.raises(UsageError, match="git did not answer within 0 seconds"):
        GitTree(repository)


def test_git_that_answers_without_end_is_stopped(repository, monkeypatch, tmp_path):
    chatty = tmp_path / "chatty"
    chatty.write_text("#!/bin/sh\nexec yes\n")
    chatty.chmod(0o755)
    monkeypatch.setattr(git_command, "LARGEST", 1024 * 1024)
    monkeypatch.setattr(git_command.Git, "GIT_PYTHON_GIT_EXECUTABLE", str(chatty))

    with pytest.raises(UsageError, match="its answer is larger than 1 MB"):
        GitTree(repository)


def test_nothing_is_left_behind(repository, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    tree = GitTree(repository)
    assert len(list((tmp_path / "temporary").iterdir())) == 1
    del tree

    assert list((tmp_path / "temporary").iterdir()) == []
