"""A plain directory as a tree: read as it stands, never written, never left."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from tdxreview.errors import UsageError
from tdxreview.regular import UnreadableError, read_opened, read_regular
from tdxreview.source.directory_walk import Walk
from tdxreview.source.names import is_inside
from tdxreview.source.tree import (
    LARGEST_FILE,
    LEADS_OUT,
    WHOLE_TREE,
    Found,
    Scope,
    Unread,
    text_of,
)
from tdxreview.store import digest

_SETTLED = 3_000_000_000
"""Nanoseconds after which a file that is written again has another time: FAT counts by twos."""


class DirectoryTree:
    """A `Tree` over a directory; symbolic links are followed only where they stay inside."""

    def __init__(self, top: Path) -> None:
        """Open the directory; UsageError if it is none."""
        if not top.is_dir():
            raise UsageError(f"{top}: not a directory; give one that holds a source tree")
        self._top = Path(os.path.realpath(top))

    @property
    def name(self) -> str:
        """Give the directory's own name."""
        return self._top.name or "/"

    def read(self, path: str) -> str | None:
        """Give the text of a file, None if there is none, it is binary or it leads out."""
        try:
            return text_of(self._bytes(path))
        except UnreadableError:
            return None

    def why_unread(self, path: str) -> str | None:
        """Say why a file that is there cannot be read as text; None if it can, or is not there."""
        try:
            text_of(self._bytes(path))
        except UnreadableError as error:
            return None if error.absent else str(error)
        return None

    def search(self, words: Sequence[str], scope: Scope = WHOLE_TREE) -> Found:
        """Give the C and assembly files of a part that hold one of the words, sorted."""
        wanted = [word.encode() for word in words]
        walk = Walk(self._top, scope)
        found: set[str] = set()
        for path, entry in walk.sources():
            try:
                data = self._content(path, entry)
            except UnreadableError as error:
                if not error.absent:
                    walk.unread.append(Unread(path, str(error)))
                continue
            if any(word in data for word in wanted):
                found.add(path)
        return Found(tuple(sorted(found)), tuple(sorted(set(walk.unread))))

    def state(self, scope: Scope) -> str | None:
        """Give a name for what the part's files are by size, times and inode, as git's index does.

        None where one changed within the last seconds: it may change again within the same tick.
        """
        stamps: list[str] = []
        latest = 0
        walk = Walk(self._top, scope)
        for path, entry in walk.sources():
            try:
                found = entry.stat()
            except OSError:
                continue
            latest = max(latest, found.st_mtime_ns, found.st_ctime_ns)
            times = f"{found.st_mtime_ns} {found.st_ctime_ns}"
            stamps.append(f"{path} {found.st_size} {times} {found.st_dev} {found.st_ino}")
        if latest + _SETTLED > time.time_ns():
            return None
        stamps += [f"{path} {reason}" for path, reason in walk.unread]
        return digest(str(self._top), *sorted(stamps))

    def _content(self, path: str, entry: os.DirEntry[str]) -> bytes:
        if entry.is_file(follow_symlinks=False):
            return read_opened(entry.path, LARGEST_FILE)
        return self._bytes(path)

    def _bytes(self, path: str) -> bytes:
        if not path or not is_inside(path):
            raise UnreadableError("leads out of the tree", absent=True)
        full = os.path.realpath(self._top / path)
        if not Path(full).is_relative_to(self._top):
            raise UnreadableError(LEADS_OUT, absent=not os.path.lexists(full))
        return read_regular(full, LARGEST_FILE)
