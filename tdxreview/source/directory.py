"""A plain directory as a tree: read as it stands, never written, never left."""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tdxreview.errors import UsageError
from tdxreview.source.names import is_inside
from tdxreview.source.tree import SOURCE_SUFFIXES, WHOLE_TREE, Scope, text_of
from tdxreview.store import digest

_SETTLED = 3_000_000_000
"""Nanoseconds after which a file that is written again has another time: FAT counts by twos."""


Source = tuple[str, os.DirEntry[str]]
"""A file of the tree: its path, and what the directory says of it."""


class DirectoryTree:
    """A `Tree` over a directory; symbolic links are followed only where they stay inside."""

    def __init__(self, top: Path) -> None:
        """Open the directory; UsageError if it is none."""
        if not top.is_dir():
            raise UsageError(f"{top}: not a directory; give a source tree with --tree DIR")
        self._top = top.resolve()

    @property
    def name(self) -> str:
        """Give the directory's own name."""
        return self._top.name or "/"

    def read(self, path: str) -> str | None:
        """Give the text of a file, None if there is none, it is binary or it leads out."""
        data = self._bytes(path)
        return None if data is None else text_of(data)

    def search(self, words: Sequence[str], scope: Scope = WHOLE_TREE) -> tuple[str, ...]:
        """Give the C and assembly files of a part that hold one of the words, sorted."""
        wanted = [word.encode() for word in words]
        found = {
            path
            for path, entry in self._sources(scope)
            if (data := self._content(path, entry)) and any(word in data for word in wanted)
        }
        return tuple(sorted(found))

    def state(self, scope: Scope) -> str | None:
        """Give a name for what the part's files are by size, times and inode, as git's index does.

        None where one changed within the last seconds: it may change again within the same tick.
        """
        stamps: list[str] = []
        latest = 0
        for path, entry in self._sources(scope):
            try:
                found = entry.stat()
            except OSError:
                continue
            latest = max(latest, found.st_mtime_ns, found.st_ctime_ns)
            times = f"{found.st_mtime_ns} {found.st_ctime_ns}"
            stamps.append(f"{path} {found.st_size} {times} {found.st_dev} {found.st_ino}")
        if latest + _SETTLED > time.time_ns():
            return None
        return digest(str(self._top), *sorted(stamps))

    def _content(self, path: str, entry: os.DirEntry[str]) -> bytes | None:
        if entry.is_symlink():
            return self._bytes(path)
        try:
            return Path(entry.path).read_bytes()
        except OSError:
            return None

    def _bytes(self, path: str) -> bytes | None:
        if not path or not is_inside(path):
            return None
        try:
            full = (self._top / path).resolve()
            if full.is_relative_to(self._top) and full.is_file():
                return full.read_bytes()
        except (OSError, ValueError):
            pass
        return None

    def _sources(self, scope: Scope) -> Iterator[Source]:
        """Give the source files of a part, in no order; links to directories are not followed."""
        for top in filter(self._is_inside, scope.below):
            for path, entry in self._below(top, frozenset(scope.without)):
                if entry.name.endswith(SOURCE_SUFFIXES) and entry.is_file():
                    yield path, entry

    def _is_inside(self, path: str) -> bool:
        try:
            return is_inside(path) and (self._top / path).resolve().is_relative_to(self._top)
        except (OSError, ValueError):
            return False

    def _below(self, top: str, without: frozenset[str]) -> Iterator[Source]:
        if (self._top / top).is_file():
            folder, _, name = top.rpartition("/")
            yield from (each for each in self._entries(folder) if each[1].name == name)
            return
        todo = [top]
        while todo:
            for path, entry in self._entries(todo.pop()):
                if not entry.is_dir(follow_symlinks=False):
                    yield path, entry
                elif path not in without and entry.name != ".git":
                    todo.append(path)

    def _entries(self, folder: str) -> Iterator[Source]:
        try:
            with os.scandir(self._top / folder) as entries:
                for entry in entries:
                    yield f"{folder}/{entry.name}".lstrip("/"), entry
        except OSError:
            return
