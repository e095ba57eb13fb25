"""Files of a repository by name, read through one git that stays."""

import os
import selectors
import time
import weakref
from subprocess import PIPE, Popen

from tdxreview.regular import UnreadableError
from tdxreview.source.git_command import (
    LONGEST,
    GitCommand,
    GitFailedError,
    complaints_of,
    ready,
)

_STEP = 1024 * 1024
_HEADER = 3
_LONGEST_HEADER = 16 * 1024


class Blobs:
    """What reads files by `COMMIT:PATH`, with a bound on their size."""

    def __init__(self, git: GitCommand) -> None:
        self._git = git
        self._process: Popen[bytes] | None = None
        self._waiting = selectors.DefaultSelector()
        self._rest = bytearray()
        self._complaint = b""

    def read(self, name: str, largest: int) -> bytes | None:
        """Give what a file holds, None if there is no file of that name.

        UnreadableError if it is larger than `largest`, or git cannot give it.
        """
        deadline = time.monotonic() + LONGEST
        try:
            self._ask(name)
            return self._file(largest, deadline)
        except (GitFailedError, OSError) as error:
            self._end()
            reason = str(error) or "git gave up"
            raise UnreadableError(f"cannot be read ({reason})") from error

    def _ask(self, name: str) -> None:
        if self._process is None:
            self._process = self._git.started("cat-file", "--batch", stdin=PIPE)
            weakref.finalize(self, _end, self._process)
            for stream in filter(None, (self._process.stdout, self._process.stderr)):
                self._waiting.register(stream, selectors.EVENT_READ)
        if self._process.stdin is not None:
            self._process.stdin.write(f"{name}\n".encode("utf-8", "surrogateescape"))
            self._process.stdin.flush()

    def _file(self, largest: int, deadline: float) -> bytes | None:
        header = self._line(deadline).decode("utf-8", "replace").split(" ")
        if len(header) != _HEADER or not header[2].isdecimal():
            return None
        size = int(header[2])
        if size > largest:
            self._end()
            raise UnreadableError(f"is larger than {largest >> 20} MB")
        content = self._taken(size + 1, deadline)[:-1]
        return content if header[1] == "blob" else None

    def _line(self, deadline: float) -> bytes:
        while b"\n" not in self._rest:
            self._more(deadline)
            if len(self._rest) > _LONGEST_HEADER and b"\n" not in self._rest[:_LONGEST_HEADER]:
                raise GitFailedError(0, ["git answers with too long a line"])
        return self._taken(self._rest.index(b"\n") + 1, deadline)[:-1]

    def _taken(self, size: int, deadline: float) -> bytes:
        while len(self._rest) < size:
            self._more(deadline)
        content = bytes(self._rest[:size])
        del self._rest[:size]
        return content

    def _more(self, deadline: float) -> None:
        """Take what git has written; what it complains of is kept as the reason."""
        for key, _ in ready(self._waiting, deadline):
            piece = os.read(key.fd, _STEP)
            if not piece:
                raise GitFailedError(0, self._last_words() or ["git ended early"])
            if self._process and key.fileobj is self._process.stdout:
                self._rest += piece
            else:
                self._complaint = piece

    def _last_words(self) -> list[str]:
        """Give what a git that has ended complained of."""
        stderr = self._process.stderr if self._process else None
        return complaints_of(self._complaint + (stderr.read() if stderr else b""))

    def _end(self) -> None:
        for key in tuple(self._waiting.get_map().values()):
            self._waiting.unregister(key.fileobj)
        if self._process is not None:
            _end(self._process)
        self._process = None
        self._rest.clear()


def _end(process: "Popen[bytes]") -> None:
    process.kill()
    process.communicate()
