"""The secret by which what is kept between runs is known as our own.

Who can write into a cache folder, as a pull request can into the one that CI shares, cannot make
an entry that is believed. The secret therefore never lies in that folder: it is a file of the
user's state folder, or it is given by the environment.
"""

import os
import stat
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

BYTES = 32
"""So long is a secret of ours; one that is given needs as many characters at least."""


class Secret:
    """A secret in a file that is made when it is first needed, or one that is given."""

    def __init__(self, path: Path | None, given: str | None = None) -> None:
        self._path = path
        self._known = _derived(given) if given else None

    def known(self) -> bytes | None:
        """Give the secret, None where none was made so far or the file is not the user's alone."""
        if self._known is None and self._path is not None:
            with suppress(OSError, ValueError):
                self._known = _read(self._path)
        return self._known

    def made(self) -> bytes | None:
        """Give the secret, a new one if there is none; None where none can be kept.

        Of runs at the same time all get the same one.
        """
        if self.known() is None and self._path is not None:
            with suppress(OSError, ValueError):
                _make(self._path)
        return self.known()


def _derived(given: str) -> bytes:
    return blake2b(given.encode("utf-8", "surrogateescape"), digest_size=BYTES).digest()


def _read(path: Path) -> bytes | None:
    """Give the content of a plain file that nobody but its owner, the user, can read or write."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
        found = os.fstat(descriptor)
        alone = stat.S_ISREG(found.st_mode) and not found.st_mode & 0o077
        if not alone or found.st_uid != os.geteuid() or found.st_size != BYTES:
            return None
        return file.read(BYTES)


def _make(path: Path) -> None:
    """Write a new secret beside its place and link it there, so that no one sees half of it.

    A link, unlike a new name, never takes the place of a secret that another run made meanwhile.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(fresh, flags, 0o600), "wb") as file:  # noqa: PTH123 - likewise
        file.write(os.urandom(BYTES))
    try:
        os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
