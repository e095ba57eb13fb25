"""Plain directories as trees."""

import os

import pytest

from tdxreview.errors import UsageError
from tdxreview.source import directory_walk
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.tree import WHOLE_TREE, Scope, Unread


@pytest.fixture
def top(tmp_path):
    """Give a small tree with a secret beside it."""
    (tmp_path / "secret.c").write_text("seamcall\n")
    top = tmp_path / "linux"
    (top / "arch").mkdir(parents=True)
    (top / "arch" / "f.c").write_text("seamcall\n")
    (top / "f.S").write_text("seamcall\n")
    (top / "doc.txt").write_text("seamcall\n")
    (top / "blob.c").write_bytes(b"\0seamcall")
    (top / "out.c").symlink_to(tmp_path / "secret.c")
    (top / "in.c").symlink_to(top / "arch" / "f.c")
    (top / "away").symlink_to(tmp_path)
    return top


def test_a_file_is_read(top):
    assert DirectoryTree(top).read("arch/f.c") == "seamcall\n"


def test_a_link_that_stays_inside_is_followed(top):
    assert DirectoryTree(top).read("in.c") == "seamcall\n"


@pytest.mark.parametrize(
    "path",
    ["out.c", "away/secret.c", "../secret.c", "/etc/passwd", "arch", "none.c", "blob.c", "", "a\0"],
)
def test_what_is_no_text_inside_reads_as_nothing(top, path):
    assert DirectoryTree(top).read(path) is None


def test_a_search_stays_inside(top):
    assert DirectoryTree(top).search(["seamcall"]).files == ("arch/f.c", "blob.c", "f.S", "in.c")
    assert DirectoryTree(top).search(["seamcall"], Scope(("arch", ".."))).files == ("arch/f.c",)
    assert DirectoryTree(top).search(["absent"]).files == ()


def test_the_name_is_the_directory(top):
    assert DirectoryTree(top).name == "linux"


def test_what_is_no_directory_is_said(top):
    with pytest.raises(UsageError, match=r"f\.S: not a directory; give one that holds"):
        DirectoryTree(top / "f.S")


OUT = "is a symbolic link out of the tree, which is not followed"
PIPE = "is a pipe, no regular file"


@pytest.fixture
def odd(top, tmp_path):
    """Add what is no plain file to the tree."""
    arch = top / "arch"
    os.mkfifo(arch / "pipe.c")
    os.mkfifo(arch / "pipe.txt")
    with (arch / "sparse.c").open("wb") as file:
        file.truncate(1 << 40)
    (arch / "loop.c").symlink_to("loop.c")
    (arch / "nowhere.c").symlink_to("nothing.c")
    (arch / ".#f.c").symlink_to("ann@host.1234:5678")
    (arch / "device.c").symlink_to("/dev/zero")
    (arch / "through.c").symlink_to("../away/secret.c")
    (arch / "near").symlink_to("../arch")
    os.mkfifo(tmp_path / "far.c")
    (arch / "far.c").symlink_to(tmp_path / "far.c")
    return top


def test_what_is_no_plain_file_is_named_and_not_waited_for(odd):
    assert DirectoryTree(odd).search(["seamcall"]) == (
        ("arch/f.c", "blob.c", "f.S", "in.c"),
        (
            Unread("arch/device.c", OUT),
            Unread("arch/far.c", OUT),
            Unread("arch/loop.c", "is a symbolic link, no regular file"),
            Unread("arch/pipe.c", PIPE),
            Unread("arch/sparse.c", "is larger than 8 MB"),
            Unread("arch/through.c", OUT),
            Unread("away", OUT),
            Unread("out.c", OUT),
        ),
    )


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("arch/pipe.c", PIPE),
        ("arch/sparse.c", "is larger than 8 MB"),
        ("arch/device.c", OUT),
        ("away/secret.c", OUT),
        ("blob.c", "holds a NUL byte and is taken for binary"),
        ("arch", "is a directory, no regular file"),
        ("arch/f.c", None),
        ("arch/nowhere.c", None),
        ("none.c", None),
        ("../secret.c", None),
    ],
)
def test_why_a_file_is_not_read_is_said(odd, path, reason):
    assert DirectoryTree(odd).why_unread(path) == reason
    assert (DirectoryTree(odd).read(path) is None) == (path != "arch/f.c")


def test_a_part_that_is_odd_itself_is_named(odd):
    search = DirectoryTree(odd).search

    assert search(["seamcall"], Scope(("arch/pipe.c",))).unread == (Unread("arch/pipe.c", PIPE),)
    assert search(["seamcall"], Scope(("away",))).unread == (Unread("away", OUT),)
    assert search(["seamcall"], Scope(("away/secret.c",))).unread == (Unread("away/secret.c", OUT),)


def test_a_link_to_what_is_not_searched_is_named(top):
    (top / "arch" / "device").symlink_to("../gpu")
    (top / "gpu").mkdir()

    assert DirectoryTree(top).search(["seamcall"], Scope(("arch",))).unread == (
        Unread("arch/device", "is a symbolic link to gpu, where host code is not looked for"),
    )


def test_a_name_that_is_no_text_is_named(top):
    (top / os.fsdecode(b"caf\xe9.c")).write_text("seamcall\n")
    (top / os.fsdecode(b"caf\xe9")).mkdir()

    assert DirectoryTree(top).search(["seamcall"], Scope(("",))).unread == (
        Unread("away", OUT),
        Unread("caf\ufffd", "has a name that is not UTF-8"),
        Unread("caf\ufffd.c", "has a name that is not UTF-8"),
        Unread("out.c", OUT),
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(top):
    (top / "arch" / "f.c").chmod(0)
    (top / "closed").mkdir(0)

    assert DirectoryTree(top).search(["seamcall"], Scope(("arch", "closed"))).unread == (
        Unread("arch/f.c", "cannot be read (Permission denied)"),
        Unread("closed", "cannot be read (Permission denied)"),
    )


def test_a_tree_without_end_is_cut_off_and_that_is_said(top, monkeypatch):
    monkeypatch.setattr(directory_walk, "MOST_ENTRIES", 3)

    assert DirectoryTree(top).search(["seamcall"], Scope(("",))).unread[-1] == Unread(
        "", "goes on beyond 3 files, which is where we stop"
    )


def test_a_pipe_that_appears_is_another_state(top, monkeypatch):
    monkeypatch.setattr("tdxreview.source.directory._SETTLED", 0)
    before = DirectoryTree(top).state(WHOLE_TREE)
    os.mkfifo(top / "new.c")
    after = DirectoryTree(top).state(WHOLE_TREE)
    (top / "gone").symlink_to("/etc")

    assert len({before, after, DirectoryTree(top).state(WHOLE_TREE)}) == 3
