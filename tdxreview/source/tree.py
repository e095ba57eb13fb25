"""What the analysis asks of a source tree, whatever holds it."""

import posixpath
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from tdxreview.regular import UnreadableError

SOURCE_SUFFIXES = (".c", ".h", ".S")
LARGEST_FILE = 8 * 1024 * 1024
"""The most bytes that a file of code may have; a kernel's longest with host code has a 20th."""
LEADS_OUT = "is a symbolic link out of the tree, which is not followed"
_LOOKED_AT = 8000


class Scope(Struct, frozen=True):
    """The part of a tree to look in: files and directories, and directories of those to leave out.

    `below` with an empty path means the whole tree.
    """

    below: tuple[str, ...] = ("",)
    without: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Tell whether a file or directory lies in this part with all that is below it."""
        left_out = any(is_below(path, top) or is_below(top, path) for top in self.without)
        return not left_out and any(is_below(path, top) for top in self.below)

    def holds(self, path: str) -> bool:
        """Tell whether a file or directory lies in this part."""
        left_out = any(is_below(path, top) for top in self.without)
        return not left_out and any(is_below(path, top) for top in self.below)


WHOLE_TREE = Scope()


class Unread(NamedTuple):
    """A file or directory of a tree that may hold code and is not read; `reason` says why.

    The reason continues a sentence that begins with the path.
    """

    path: str
    reason: str


class Found(NamedTuple):
    """What a search of a tree found, and what could not be searched; both are sorted."""

    files: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()


def is_below(path: str, top: str) -> bool:
    """Tell whether a path is a directory or lies in it; everything lies in the empty path."""
    return not top or path == top or path.startswith(f"{top}/")


class Tree(Protocol):
    """A source tree at one fixed state.

    Paths are relative to its top, with slashes. No path leads out of it.
    """

    @property
    def name(self) -> str:
        """What a message calls it: a short commit, or the directory's name."""

    def read(self, path: str) -> str | None:
        """Give the text of a file, None if there is none or it is not to be had."""

    def why_unread(self, path: str) -> str | None:
        """Say why a file that is there cannot be read as text; None if it can, or is not there."""

    def search(self, words: Sequence[str], scope: Scope = WHOLE_TREE) -> Found:
        """Give the C and assembly files of a part that hold one of the words, sorted."""

    def state(self, scope: Scope) -> str | None:
        """Give a name for all that a search of a part hangs on, None where there is none.

        Two trees with the same name of the part hold the same files there.
        """


class Base(Struct, frozen=True):
    """The tree to apply a series to; `why` is one phrase for the review."""

    tree: Tree
    why: str


NOT_THERE = "is not in the repository"
"""What `why` says where the series names a base that the tree does not have."""


def text_of(data: bytes) -> str:
    """Decode a file of a tree, UTF-8 as far as it goes; UnreadableError for a binary file."""
    if b"\0" in data[:_LOOKED_AT]:
        raise UnreadableError("holds a NUL byte and is taken for binary")
    return data.decode("utf-8", "replace")


def why_link(path: str, target: str, scope: Scope) -> str | None:
    """Say why the code behind a symbolic link is not looked at, None if it is by its own name."""
    led = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if target.startswith("/") or led.split("/")[0] == "..":
        return LEADS_OUT
    if not scope.holds(led):
        return f"is a symbolic link to {led}, where host code is not looked for"
    return None
