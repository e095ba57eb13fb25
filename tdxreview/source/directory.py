"""A plain directory as a tree: read as it stands, never written, never left."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tdxreview.errors import UsageError
from tdxreview.source.names import is_inside
from tdxreview.source.tree import SOURCE_SUFFIXES, text_of


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

    def search(self, words: Sequence[str], below: Sequence[str] = ()) -> tuple[str, ...]:
        """Give the C and assembly files that hold one of the words, sorted."""
        wanted = [word.encode() for word in words]
        found = {
            path
            for top in below or ("",)
            for path in self._sources(top)
            if (data := self._bytes(path)) and any(word in data for word in wanted)
        }
        return tuple(sorted(found))

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

    def _sources(self, below: str) -> Iterator[str]:
        if not is_inside(below):
            return
        for directory, folders, files in os.walk(self._top / below):
            folders[:] = [folder for folder in folders if folder != ".git"]
            relative = Path(directory).relative_to(self._top)
            for file in files:
                if file.endswith(SOURCE_SUFFIXES):
                    yield (relative / file).as_posix()
