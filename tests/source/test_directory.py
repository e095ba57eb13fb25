"""Plain directories as trees."""

import pytest

from tdxreview.errors import UsageError
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.tree import Scope


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
    assert DirectoryTree(top).search(["seamcall"]) == ("arch/f.c", "blob.c", "f.S", "in.c")
    assert DirectoryTree(top).search(["seamcall"], Scope(("arch", ".."))) == ("arch/f.c",)
    assert DirectoryTree(top).search(["absent"]) == ()


def test_the_name_is_the_directory(top):
    assert DirectoryTree(top).name == "linux"


def test_what_is_no_directory_is_said(top):
    with pytest.raises(UsageError, match=r"f\.S: not a directory"):
        DirectoryTree(top / "f.S")
