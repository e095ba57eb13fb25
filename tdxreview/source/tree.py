"""What the analysis asks of a source tree, whatever holds it."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

SOURCE_SUFFIXES = (".c", ".h", ".S")


class Tree(Protocol):
    """A source tree at one fixed state.

    Paths are relative to its top, with slashes. No path leads out of it.
    """

    @property
    def name(self) -> str:
        """What a message calls it: a short commit, or the directory's name."""

    def read(self, path: str) -> str | None:
        """Give the text of a file, None if there is none or it is binary."""

    def search(self, words: Sequence[str], below: Sequence[str] = ()) -> tuple[str, ...]:
        """Give the C and assembly files that hold one of the words, sorted.

        `below` names the directories to look in; without it, all are.
        """


class Base(Struct, frozen=True):
    """The tree to apply a series to; `why` is one phrase for the review."""

    tree: Tree
    why: str


def text_of(data: bytes) -> str | None:
    """Decode a file of a tree: UTF-8 as far as it goes, None for a binary file."""
    return None if b"\0" in data[:8000] else data.decode("utf-8", "replace")
