"""The tree that a series is put on, whatever holds it, and what of it takes part in a review."""

from collections.abc import Iterable
from pathlib import Path

from tdxreview.errors import UsageError
from tdxreview.series.model import Series
from tdxreview.source.base import find_base
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.git_tree import GitTree, is_repository
from tdxreview.source.host_code import HOST_CODE, HOST_WORDS, host_files
from tdxreview.source.model import Image
from tdxreview.source.text import image_of_text
from tdxreview.source.tree import Base, Scope, Tree
from tdxreview.store import NOWHERE, Store

Images = dict[str, Image]
_IN_EVERY_KERNEL = "arch/x86/include/asm"


def base_in(top: Path, series: Series, wanted: str | None) -> Base:
    """Give the base of a series in a git repository, or a plain directory as it is.

    UsageError if the directory is none or only a part of a kernel, or `wanted` is no commit of it.
    """
    if is_repository(top):
        return find_base(GitTree(top), series, wanted)
    _refuse_part(top)
    if wanted is not None:
        raise UsageError(f"--base {wanted}: {top} is no git repository; leave --base out")
    return Base(DirectoryTree(top), "a plain directory")


def standing(top: Path, revision: str | None) -> Base:
    """Give a tree at a commit (None: HEAD), or a plain directory, as it stands.

    UsageError if the directory is none or only a part of a kernel, or `revision` is no commit of
    it.
    """
    if is_repository(top):
        aside = "; the work tree is not read" if (top / ".git").exists() else ""
        return Base(GitTree(top, revision or "HEAD"), f"{revision or 'HEAD'}{aside}")
    _refuse_part(top)
    if revision is not None:
        raise UsageError(f"--rev {revision}: {top} is no git repository; leave --rev out")
    return Base(DirectoryTree(top), "a plain directory, as it stands")


def _refuse_part(top: Path) -> None:
    """Refuse a directory of a kernel tree that is not its top: every path in it would be wrong."""
    if (top / _IN_EVERY_KERNEL).is_dir():
        return
    whole = next((up for up in top.resolve().parents if (up / _IN_EVERY_KERNEL).is_dir()), None)
    if whole is not None:
        raise UsageError(f"{top}: a part of the kernel tree {whole}; name that directory")


def host_images(tree: Tree, store: Store = NOWHERE, below: Iterable[str] = ()) -> Images:
    """Give the files of a tree that have to do with SEAMCALL, by path.

    They are looked for in `HOST_CODE`, and in `below` as well where that lies elsewhere.
    """
    beyond = tuple(sorted(path for path in below if not HOST_CODE.covers(path)))
    further = tree.search(HOST_WORDS, Scope(beyond)) if beyond else ()
    return tree_images(tree, {*host_files(tree, store), *further})


def tree_images(tree: Tree, paths: Iterable[str]) -> Images:
    """Give those of the files that a tree has."""
    texts = ((path, tree.read(path)) for path in sorted(paths))
    return {path: image_of_text(path, text) for path, text in texts if text is not None}
