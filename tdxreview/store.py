"""What is kept between runs: answers in files of a cache folder, each believed only if it is ours.

A file carries a MAC over its name, the question that it answers and its content, by a secret that
lies elsewhere; one of another version, cut off, damaged, renamed or put there by someone else
counts as none. Files are replaced whole, so two runs at once do no harm, and the oldest of our own
go when there are too many. A folder that is a link is not followed. Nothing here ever fails: a
folder that cannot be read or written only costs time.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

from tdxreview import __version__
from tdxreview.regex import regex
from tdxreview.secret import Secret

MOST_BYTES = 64 * 1024 * 1024
"""The folder is kept below this size."""
MOST_FILES = 1000
"""So many files are kept at most."""
_CODE = Path(__file__).parent
_DIGEST_BYTES = 32
_MARK = ".kept"
_BEGINNING = b"tdxreview "
_OURS = regex(r"(?P<fresh>\.)?[a-z]+(?:-[0-9a-z]+)?\.kept(?(fresh)\.[0-9a-f]+)")
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Store:
    """A folder of answers; without a folder, or a secret to know them by, nothing is kept."""

    def __init__(self, folder: Path | None, secret: Secret | None = None) -> None:
        self.folder = folder
        self._secret = secret or Secret(None)

    def get(self, name: str, key: str) -> bytes | None:
        """Give what was put under this name for this very key, None if it is not to be had."""
        secret = None if self.folder is None else self._secret.known()
        if self.folder is None or secret is None:
            return None
        with suppress(OSError, ValueError), _opened(self.folder) as folder:
            head, _, content = _read(f"{name}{_MARK}", folder).partition(b"\n")
            if head == _head(secret, name, key, content):
                return content
        return None

    def put(self, name: str, key: str, content: bytes) -> None:
        """Keep an answer for the next run, in place of the last one under this name."""
        if self.folder is None or len(content) > MOST_BYTES // 2:
            return
        with suppress(OSError, ValueError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _opened(self.folder) as folder:
                if (secret := self._secret.made()) is None:
                    return
                head = _head(secret, name, key, content)
                _replace(f"{name}{_MARK}", head + b"\n" + content, folder)
                _drop_oldest(folder)


NOWHERE = Store(None)
"""Keeps nothing."""


def digest(*parts: str | bytes) -> str:
    """Give a name for a list of texts that no other list has."""
    return _digest(parts)


@cache
def code_digest(packages: tuple[str, ...]) -> str:
    """Give a name for this version of the tool and the very text of these packages of it."""
    modules = (path for name in packages for path in sorted((_CODE / name).rglob("*.py")))
    return digest(__version__, *(part for path in modules for part in _named(path)))


def _named(path: Path) -> Iterable[str | bytes]:
    return path.relative_to(_CODE).as_posix(), path.read_bytes()


def _digest(parts: Iterable[str | bytes], secret: bytes = b"") -> str:
    own = blake2b(digest_size=_DIGEST_BYTES, key=secret)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        own.update(b"%d:" % len(data))
        own.update(data)
    return own.hexdigest()


def _head(secret: bytes, name: str, key: str, content: bytes) -> bytes:
    """Give the line above an entry: BLAKE2b with a key is a MAC (RFC 7693, 2.9)."""
    return _BEGINNING + _digest((name, key, content), secret).encode()


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """Hold the folder itself, so that nothing put in its place meanwhile is taken for it."""
    descriptor = os.open(folder, _READ | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read(name: str, folder: int) -> bytes:
    """Give a plain file's content; whatever else stands there is not waited for."""
    descriptor = os.open(name, _READ, dir_fd=folder)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            raise OSError
        return file.read()


def _replace(name: str, content: bytes, folder: int) -> None:
    fresh = f".{name}.{os.urandom(8).hex()}"
    try:
        with open(os.open(fresh, _WRITE, 0o600, dir_fd=folder), "wb") as file:  # noqa: PTH123
            file.write(content)
        os.rename(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        _remove(fresh, folder)
        raise


def _drop_oldest(folder: int) -> None:
    """Remove what we wrote longest ago until the rest is small enough; cut-off files too."""
    with os.scandir(folder) as entries:
        named = [each for each in entries if _OURS.fullmatch(each.name)]
    found = [(each.stat(follow_symlinks=False), each.name) for each in named]
    size = 0
    newest_first = sorted(found, key=lambda file: file[0].st_mtime_ns, reverse=True)
    for number, (state, name) in enumerate(newest_first):
        size += state.st_size
        if (size > MOST_BYTES or number >= MOST_FILES) and _is_ours(name, folder):
            _remove(name, folder)


def _is_ours(name: str, folder: int) -> bool:
    """Tell whether we wrote a file, or began to: its name alone may be anyone's."""
    with suppress(OSError), open(os.open(name, _READ, dir_fd=folder), "rb") as file:  # noqa: PTH123
        plain = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        return plain and file.read(len(_BEGINNING)) in (_BEGINNING, b"")
    return False


def _remove(name: str, folder: int) -> None:
    with suppress(OSError):
        os.unlink(name, dir_fd=folder)
