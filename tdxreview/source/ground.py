"""The tree that a series is put on, whatever holds it, and what of it takes part in a review."""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from tdxreview.errors import UsageError
from tdxreview.series.model import Series
from tdxreview.source.base import find_base
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.git_tree import GitTree
from tdxreview.source.host_code import HOST_CODE, HOST_WORDS, host_files
from tdxreview.source.model import Image, NotExamined
from tdxreview.source.repository import is_repository
from tdxreview.source.text import image_of_text
from tdxreview.source.tree import Base, Found, Scope, Tree, Unread
from tdxreview.store import NOWHERE, Store

Images = dict[str, Image]
MOST_TEXT = 48 * 1024 * 1024
"""Characters of code that are read from one tree: several times what a kernel holds of it."""
_IN_EVERY_KERNEL = "arch/x86/include/asm"


class HostCode(Struct, frozen=True):
    """The code of a tree that takes part in a review, and what should and could not be read."""

    images: Images
    not_examined: tuple[NotExamined, ...] = ()


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


def read_host_code(tree: Tree, store: Store = NOWHERE, below: Iterable[str] = ()) -> HostCode:
    """Give the files of a tree that have to do with SEAMCALL, by path, and what is not read.

    They are looked for in `HOST_CODE`, and in `below` as well where that lies elsewhere.
    """
    beyond = tuple(sorted(path for path in below if not HOST_CODE.covers(path)))
    further = tree.search(HOST_WORDS, Scope(beyond)) if beyond else Found()
    found = host_files(tree, store)
    code = tree_images(tree, {*found.files, *further.files})
    return with_unread(code, {*found.unread, *further.unread})


def tree_images(tree: Tree, paths: Iterable[str]) -> HostCode:
    """Give those of the files that a tree has, as far as their sum can be held."""
    images: Images = {}
    lost: list[Unread] = []
    left = MOST_TEXT
    wanted = sorted(paths)
    for number, path in enumerate(wanted):
        if left <= 0:
            rest = f"and {len(wanted) - number - 1} more" if number + 1 < len(wanted) else ""
            beyond = f"{rest} lies beyond the first {MOST_TEXT >> 20} MB of host code".strip()
            lost.append(Unread(path, beyond))
            break
        text = tree.read(path)
        if text is not None:
            images[path] = image_of_text(path, text)
            left -= len(text)
        elif reason := tree.why_unread(path):
            lost.append(Unread(path, reason))
    return HostCode(images, tuple(map(_not_examined, lost)))


def with_unread(code: HostCode, unread: Iterable[Unread]) -> HostCode:
    """Add what a search could not look at."""
    lost = map(_not_examined, sorted(unread))
    return HostCode(code.images, tuple(dict.fromkeys((*lost, *code.not_examined))))


def _not_examined(unread: Unread) -> NotExamined:
    return NotExamined(None, unread.path, unread.reason)
