"""The tree that a series is put on, whatever holds it, and what of it takes part in a review."""

from pathlib import Path

from tdxreview.errors import UsageError
from tdxreview.series.model import Series
from tdxreview.source.base import find_base
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.git_tree import GitTree, is_repository
from tdxreview.source.model import Image
from tdxreview.source.text import image_of_text
from tdxreview.source.tree import Base, Tree

HOST_CODE = ("arch/x86", "virt", "drivers/virt")
"""Where Linux keeps what makes SEAMCALLs and what turns VMX on and off."""
HOST_WORDS = (
    *("seamcall", "SEAMCALL", "tdx_", "TDX_", "tdh_", "TDH_", "vmxon", "vmxoff"),
    *("cache_state_incoherent", "CACHE_INCOHERENT"),
)
"""One of these stands in every such file."""


def base_in(top: Path, series: Series, wanted: str | None) -> Base:
    """Give the base of a series in a git repository, or a plain directory as it is.

    UsageError if the directory is none, or `wanted` is no commit of it.
    """
    if is_repository(top):
        return find_base(GitTree(top), series, wanted)
    if wanted is not None:
        raise UsageError(f"--base {wanted}: {top} is no git repository; leave --base out")
    return Base(DirectoryTree(top), "a plain directory")


def tree_at(top: Path, revision: str | None) -> Tree:
    """Give a tree at a commit (None: HEAD), or a plain directory as it stands.

    UsageError if the directory is none, or `revision` is no commit of it.
    """
    if is_repository(top):
        return GitTree(top, revision or "HEAD")
    if revision is not None:
        raise UsageError(f"--rev {revision}: {top} is no git repository; leave --rev out")
    return DirectoryTree(top)


def host_images(tree: Tree) -> dict[str, Image]:
    """Give the files of a tree that have to do with SEAMCALL, by path."""
    images: dict[str, Image] = {}
    for path in tree.search(HOST_WORDS, HOST_CODE):
        text = tree.read(path)
        if text is not None:
            images[path] = image_of_text(path, text)
    return images
