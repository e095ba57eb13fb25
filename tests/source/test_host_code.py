"""What of a tree is searched for host code, and what is kept of the search."""

import os

import pytest

from tdxreview.secret import Secret
from tdxreview.source import host_code
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.git_tree import GitTree
from tdxreview.source.ground import read_host_code
from tdxreview.source.host_code import HOST_CODE, host_files, searched
from tdxreview.store import NOWHERE, Store

FILES = {
    "arch/x86/virt/vmx/tdx/tdx.c": "seamcall();\n",
    "arch/arm64/kvm/kvm.c": "seamcall();\n",
    "drivers/platform/x86/attestation.c": "tdx_enable();\n",
    "drivers/gpu/drm/i915/i915.c": "tdx_enable();\n",
    "drivers/newbus/new.c": "tdx_enable();\n",
    "include/linux/tdx.h": "u64 tdh_sys_init(void);\n",
    "kernel/kexec_core.c": "tdx_shutdown();\n",
    "kernel/Kconfig": "tdx_shutdown();\n",
    "mm/memory.c": "nothing();\n",
    "tools/testing/tdx.c": "seamcall();\n",
}
HOST = (
    "arch/x86/virt/vmx/tdx/tdx.c",
    "drivers/newbus/new.c",
    "drivers/platform/x86/attestation.c",
    "include/linux/tdx.h",
    "kernel/kexec_core.c",
)


@pytest.fixture
def top(tmp_path):
    """Give a plain directory that has not changed for an hour."""
    top = tmp_path / "linux"
    for path, text in FILES.items():
        full = top / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
    return top


@pytest.fixture
def repository(top, git, commit):
    git(top, "init", "--quiet")
    commit(top, {}, "all")
    return top


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache", Secret(None, "a" * 32))


def forbid_searching(monkeypatch):
    for kind in (GitTree, DirectoryTree):
        monkeypatch.setattr(kind, "search", None)


def test_host_code_is_looked_for_outside_arch_x86_but_not_among_devices(top):
    assert host_files(DirectoryTree(top)).files == HOST


def test_a_commit_and_its_directory_hold_the_same_host_code(repository):
    assert host_files(GitTree(repository)).files == HOST


def test_the_second_run_on_a_commit_does_not_search(repository, store, monkeypatch):
    host_files(GitTree(repository), store)
    forbid_searching(monkeypatch)

    assert host_files(GitTree(repository), store).files == HOST


def test_another_commit_is_searched_anew(repository, store, commit):
    host_files(GitTree(repository), store)
    commit(repository, {"mm/memory.c": "seamcall();\n"}, "more")

    assert host_files(GitTree(repository), store).files == tuple(sorted((*HOST, "mm/memory.c")))


def test_another_version_of_the_tool_searches_anew(repository, store, monkeypatch):
    host_files(GitTree(repository), store)
    monkeypatch.setattr(host_code, "code_digest", lambda _: "another")
    monkeypatch.setattr(host_code, "HOST_WORDS", ("nothing",))

    assert host_files(GitTree(repository), store).files == ("mm/memory.c",)


@pytest.mark.parametrize("content", [b"", b"{}", b"[7]", b"\xff", b"[" * 100_000])
def test_an_answer_of_another_shape_counts_as_none(repository, store, monkeypatch, content):
    monkeypatch.setattr(Store, "get", lambda *_: content)

    assert host_files(GitTree(repository), store).files == HOST


def test_a_list_of_files_that_do_not_exist_does_no_harm(repository, store, monkeypatch):
    monkeypatch.setattr(Store, "get", lambda *_: b'[["../../etc/passwd", "none.c", ""], []]')

    assert read_host_code(GitTree(repository), store).images == {}


@pytest.fixture
def settled(monkeypatch):
    """Let files count as settled as soon as they are written."""
    monkeypatch.setattr("tdxreview.source.directory._SETTLED", 0)


@pytest.mark.usefixtures("settled")
def test_the_second_run_on_an_unchanged_directory_does_not_search(top, store, monkeypatch):
    host_files(DirectoryTree(top), store)
    forbid_searching(monkeypatch)

    assert host_files(DirectoryTree(top), store).files == HOST


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    "change",
    [
        lambda top: (top / "mm" / "memory.c").write_text("tdx_x();"),
        lambda top: (top / "mm" / "new.c").write_text("tdx_x();"),
        lambda top: (top / "kernel" / "kexec_core.c").rename(top / "mm" / "kexec_core.c"),
    ],
    ids=["changed", "added", "moved"],
)
def test_a_directory_that_changed_is_searched_anew(top, store, change):
    host_files(DirectoryTree(top), store)
    change(top)

    assert host_files(DirectoryTree(top), store).files == host_files(DirectoryTree(top)).files


@pytest.mark.usefixtures("settled")
def test_a_change_that_keeps_size_and_time_is_seen(top, store):
    """The inode's own time cannot be set back."""
    path = top / "mm" / "memory.c"
    old = path.stat()
    host_files(DirectoryTree(top), store)
    path.write_text("tdx_ning();\n")
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))

    assert "mm/memory.c" in host_files(DirectoryTree(top), store).files


def test_a_directory_that_changed_just_now_has_no_state(top):
    """It may change again within the same tick of its file system's clock."""
    assert DirectoryTree(top).state(HOST_CODE) is None


def test_what_is_asked_for_by_name_is_searched_too(repository):
    for tree in (GitTree(repository), DirectoryTree(repository)):
        assert host_files(tree, NOWHERE).files == HOST
        code = read_host_code(tree, below=("drivers/gpu", "tools/testing/tdx.c", "kernel"))
        assert tuple(code.images) == tuple(
            sorted((*HOST, "drivers/gpu/drm/i915/i915.c", "tools/testing/tdx.c"))
        )


def test_a_name_above_what_is_left_out_asks_for_all_of_it(repository):
    for tree in (GitTree(repository), DirectoryTree(repository)):
        assert "drivers/gpu/drm/i915/i915.c" in read_host_code(tree, below=("drivers",)).images


@pytest.mark.parametrize("name", ["*", ":(top)drivers/gpu", "drivers/[g]pu", "../linux", "a\nb"])
def test_a_name_is_no_pattern(repository, name):
    for tree in (GitTree(repository), DirectoryTree(repository)):
        assert tuple(read_host_code(tree, below=(name,)).images) == HOST


def test_what_is_searched_is_told_with_what_was_asked_for():
    asked = searched(("fs/proc", "drivers/gpu", "kernel"))

    assert asked.below == (*HOST_CODE.below, "drivers/gpu", "fs/proc")
    assert "drivers/gpu" not in asked.without
    assert "drivers/usb" in asked.without
