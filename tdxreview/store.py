"""What is kept between runs: answers in files of a cache folder, each believed only if intact.

A file says what question it answers and what its content hashes to; one of another version, cut
off, damaged or put there by someone else counts as none. Files are replaced whole, so two runs at
once do no harm, and the oldest go when there are too many. Nothing here ever fails: a folder that
cannot be read or written only costs time.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

from tdxreview import __version__

MOST_BYTES = 64 * 1024 * 1024
"""The folder is kept below this size."""
_CODE = Path(__file__).parent
_DIGEST_BYTES = 32
_MARK = ".kept"


class Store:
    """A folder of answers; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def get(self, name: str, key: str) -> bytes | None:
        """Give what was put under this name for this very key, None if it is not to be had."""
        if self.folder is None:
            return None
        with suppress(OSError, ValueError):
            head, _, content = _read(self.folder / f"{name}{_MARK}").partition(b"\n")
            if head == _head(key, content):
                return content
        return None

    def put(self, name: str, key: str, content: bytes) -> None:
        """Keep an answer for the next run, in place of the last one under this name."""
        if self.folder is None or len(content) > MOST_BYTES // 2:
            return
        with suppress(OSError, ValueError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(self.folder / f"{name}{_MARK}", _head(key, content) + b"\n" + content)
            _drop_oldest(self.folder)


NOWHERE = Store(None)
"""Keeps nothing."""


def digest(*parts: str | bytes) -> str:
    """Give a name for a list of texts that no other list has."""
    own = blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        own.update(b"%d:" % len(data))
        own.update(data)
    return own.hexdigest()


@cache
def code_digest(packages: tuple[str, ...]) -> str:
    """Give a name for this version of the tool and the very text of these packages of it."""
    modules = (path for name in packages for path in sorted((_CODE / name).rglob("*.py")))
    return digest(__version__, *(part for path in modules for part in _named(path)))


def _named(path: Path) -> Iterable[str | bytes]:
    return path.relative_to(_CODE).as_posix(), path.read_bytes()


def _head(key: str, content: bytes) -> bytes:
    return f"tdxreview {digest(key, content)}".encode()


def _read(path: Path) -> bytes:
    """Give a plain file's content; whatever else stands there is not waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            raise OSError
        return file.read()


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _drop_oldest(folder: Path) -> None:
    """Remove what was written longest ago until the rest is small enough; cut-off files too."""
    with os.scandir(folder) as entries:
        ours = [each for each in entries if _MARK in each.name and not each.is_dir()]
    found = [(each.stat(follow_symlinks=False), each.path) for each in ours]
    size = 0
    for state, path in sorted(found, key=lambda file: file[0].st_mtime_ns, reverse=True):
        size += state.st_size
        if size > MOST_BYTES:
            Path(path).unlink(missing_ok=True)
