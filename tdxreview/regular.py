"""Regular files, read without waiting for anything that only has the name of one.

A pipe without a writer is waited for, a device may do something when it is opened, a sparse file
has no end: none of them is code or mail.
"""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_MEGABYTE = 1024 * 1024
_LEAST = 4096
_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a directory"),
)


class UnreadableError(Exception):
    """A file is not read; the text continues a sentence ("it ..."), `absent` if there is none."""

    def __init__(self, reason: str, *, absent: bool = False) -> None:
        super().__init__(reason)
        self.absent = absent


def read_regular(path: str | Path, largest: int, *, follow: bool = False) -> bytes:
    """Give what a regular file of at most `largest` bytes holds.

    A symbolic link is no such file unless `follow` is given. UnreadableError says what it is.
    """
    try:
        _refuse_odd(Path(path).stat(follow_symlinks=follow))
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error
    return read_opened(path, largest, follow=follow)


def read_opened(path: str | Path, largest: int, *, follow: bool = False) -> bytes:
    """Do the same for what is known to be no device, by its entry in the directory."""
    try:
        descriptor = os.open(path, _FLAGS if follow else _FLAGS | os.O_NOFOLLOW)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error
    try:
        found = os.fstat(descriptor)
        _refuse_odd(found)
        if found.st_size > largest:
            raise UnreadableError(f"is larger than {_size(largest)}")
        return _content(descriptor, largest, found.st_size)
    except OSError as error:
        raise _unreadable(error) from error
    finally:
        os.close(descriptor)


def kind_of(mode: int) -> str:
    """Say what a file is by its mode ("a pipe"), "" for a regular file."""
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "")


def _refuse_odd(found: os.stat_result) -> None:
    if kind := kind_of(found.st_mode):
        raise UnreadableError(f"is {kind}, no regular file")


def _content(descriptor: int, largest: int, expected: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    step = min(max(expected + 1, _LEAST), _MEGABYTE)
    while piece := os.read(descriptor, step):
        pieces.append(piece)
        size += len(piece)
        if size > largest:
            raise UnreadableError(f"is larger than {_size(largest)}")
    return b"".join(pieces)


def _size(largest: int) -> str:
    return f"{largest // _MEGABYTE} MB" if largest >= _MEGABYTE else f"{largest // 1024} KB"


def _unreadable(error: OSError | ValueError) -> UnreadableError:
    if not isinstance(error, OSError):
        return UnreadableError("has no name that a file can have", absent=True)
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}:
        return UnreadableError("is not there", absent=True)
    if error.errno == errno.ELOOP:
        return UnreadableError("is a symbolic link that leads nowhere")
    return UnreadableError(f"cannot be read ({error.strerror})")
