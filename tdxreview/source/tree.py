"""What the analysis asks of a source tree, whatever holds it."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

SOURCE_SUFFIXES = (".c", ".h", ".S")


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


WHOLE_TREE = Scope()


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
        """Give the text of a file, None if there is none or it is binary."""

    def search(self, words: Sequence[str], scope: Scope = WHOLE_TREE) -> tuple[str, ...]:
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


def text_of(data: bytes) -> str | None:
    """Decode a file of a tree: UTF-8 as far as it goes, None for a binary file."""
    return None if b"\0" in data[:8000] else data.decode("utf-8", "replace")
