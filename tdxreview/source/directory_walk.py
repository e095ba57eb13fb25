"""The source files of a part of a plain directory, whatever else stands there."""

import os
from collections.abc import Iterator
from pathlib import Path

from tdxreview.source.names import is_inside
from tdxreview.source.tree import LEADS_OUT, SOURCE_SUFFIXES, Scope, Unread, why_link

MOST_ENTRIES = 1_000_000
"""Entries that are looked at in one walk: ten times those of a kernel."""

Entry = tuple[str, os.DirEntry[str]]
"""An entry of the tree: its path, and what the directory says of it."""


class Walk:
    """One walk over a part of a directory; `unread` grows by what could not be entered."""

    def __init__(self, top: Path, scope: Scope) -> None:
        self.unread: list[Unread] = []
        self._top = top
        self._scope = scope
        self._seen = 0

    def sources(self) -> Iterator[Entry]:
        """Give all but directories that has the name of a source file, in no order.

        Links to directories are not followed, and are unread where their code is not met by
        its own name.
        """
        for part in self._scope.below:
            if is_inside(part) and os.path.lexists(self._top / part):
                yield from self._part(part)

    def _part(self, part: str) -> Iterator[Entry]:
        full = os.path.realpath(self._top / part)
        if not Path(full).is_relative_to(self._top):
            self.unread.append(Unread(part, LEADS_OUT))
        elif Path(full).is_dir():
            yield from self._below(part)
        else:
            folder, _, name = part.rpartition("/")
            yield from (each for each in self._entries(folder) if each[1].name == name)

    def _below(self, part: str) -> Iterator[Entry]:
        todo = [part]
        while todo and self._seen <= MOST_ENTRIES:
            for path, entry in self._entries(todo.pop()):
                if entry.is_dir(follow_symlinks=False):
                    if path not in self._scope.without and entry.name != ".git":
                        todo.append(path)
                elif entry.is_symlink() and Path(entry.path).is_dir():
                    self._linked(path)
                elif entry.name.endswith(SOURCE_SUFFIXES):
                    yield path, entry

    def _linked(self, path: str) -> None:
        led = Path(os.path.realpath(self._top / path))
        inside = led.is_relative_to(self._top)
        name = os.path.relpath(led, self._top / Path(path).parent) if inside else str(led)
        if reason := why_link(path, name, self._scope):
            self.unread.append(Unread(path, reason))

    def _entries(self, folder: str) -> Iterator[Entry]:
        try:
            with os.scandir(self._top / folder) as entries:
                for entry in entries:
                    self._seen += 1
                    if self._seen > MOST_ENTRIES:
                        beyond = f"goes on beyond {MOST_ENTRIES:,} files, which is where we stop"
                        self.unread.append(Unread(folder, beyond))
                        return
                    path = f"{folder}/{entry.name}".lstrip("/")
                    if _is_text(entry.name):
                        yield path, entry
                    elif entry.name.endswith(SOURCE_SUFFIXES) or Path(entry.path).is_dir():
                        self.unread.append(Unread(_shown(path), "has a name that is not UTF-8"))
        except OSError as error:
            self.unread.append(Unread(folder, f"cannot be read ({error.strerror})"))


def _is_text(name: str) -> bool:
    return name.isascii() or "\ufffd" not in _shown(name)


def _shown(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")
