"""git run on a repository that may be hostile: the one place that uses GitPython.

Every command has an end: in time, in the memory that it may take, and in what is read of its
answer. It sees the repository through an `OwnGitDir`, and so nothing that its files ask for.
"""

import os
import resource
import selectors
import time
from collections.abc import Sequence
from contextlib import suppress
from subprocess import DEVNULL, Popen
from typing import IO, Any, cast

from tdxreview.errors import UsageError
from tdxreview.source.own_git_dir import OwnGitDir

try:
    from git import Git
    from git.exc import GitCommandNotFound
except ImportError as error:
    raise UsageError(f"git cannot be run, and is needed here: {error}") from error

LONGEST = 300.0
"""Seconds that a command may take: a search of a large tree on a cold disk ends well before."""
LARGEST = 256 * 1024 * 1024
"""The most bytes of an answer that are read."""
_MOST_MEMORY = 2 * 1024 * 1024 * 1024
_LARGEST_COMPLAINT = 64 * 1024
_STEP = 1024 * 1024
_THEIRS = "config-of-theirs"
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "0",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_GLOB_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "0",
    "GIT_LITERAL_PATHSPECS": "0",
    "GIT_NOGLOB_PATHSPECS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_CONFIGURATION = (
    "core.attributesFile=/dev/null",
    "core.commitGraph=false",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=true",
    "diff.external=",
    "log.mailmap=false",
    "log.showSignature=false",
    "protocol.allow=never",
)


class GitFailedError(Exception):
    """A command of git failed or was stopped; the text is the last thing that it complained of."""

    def __init__(self, status: int, complaints: Sequence[str]) -> None:
        super().__init__(complaints[-1] if complaints else f"exit status {status}")
        self.status = status
        self.complaints = tuple(complaints)


class GitCommand:
    """What runs git on one repository."""

    def __init__(self, place: OwnGitDir) -> None:
        """Take over the format of the repository; UsageError if it is not known."""
        self.place = place
        self._git = Git(str(place.work))
        self._git.update_environment(**_ENVIRONMENT, **place.environment)
        if config := place.config:
            place.configure(self._settings(config))

    def answer(self, *command: str) -> bytes:
        """Give what a command prints; GitFailedError if it fails, complains or goes on too long."""
        with self.started(*command) as process:
            try:
                return _answer(process)
            finally:
                process.kill()

    def started(self, *command: str, stdin: int = DEVNULL) -> "Popen[bytes]":
        """Give a running command, its memory bounded."""
        options = [part for setting in _CONFIGURATION for part in ("-c", setting)]
        words = [self._git.GIT_PYTHON_GIT_EXECUTABLE, "--no-pager", *options, *command]
        try:
            running = self._git.execute(words, istream=cast("Any", stdin), as_process=True)
        except GitCommandNotFound as error:
            raise UsageError(f"git cannot be run, and is needed here: {error}") from error
        process = cast("Popen[bytes]", running.proc)
        running.proc = None  # else it would end the process as soon as this returns
        _bound(process.pid)
        return process

    def _settings(self, config: bytes) -> dict[str, list[str]]:
        """Give the settings that a configuration holds by itself: what it includes is not read."""
        (self.place.folder / _THEIRS).write_bytes(config)
        command = ("config", f"--file=../{_THEIRS}", "--no-includes", "--list", "-z")
        try:
            listed = self.answer(*command)
        except GitFailedError as error:
            reason = str(error).replace(f"file ../{_THEIRS}", "the configuration")
            raise UsageError(
                f"{self.place.repository.top}: {reason}; mend its repository"
            ) from error
        found: dict[str, list[str]] = {}
        for entry in listed.decode("utf-8", "replace").split("\0"):
            name, _, value = entry.partition("\n")
            found.setdefault(name, []).append(value)
        return found


def ready(
    waiting: selectors.BaseSelector, deadline: float
) -> list[tuple[selectors.SelectorKey, int]]:
    """Give the streams that have something to read; GitFailedError when the time is over."""
    found = waiting.select(max(deadline - time.monotonic(), 0))
    if not found:
        raise GitFailedError(0, [f"git did not answer within {LONGEST:.0f} seconds"])
    return found


def complaints_of(stderr: bytes) -> list[str]:
    """Give the lines by which git says that an answer is not whole."""
    lines = stderr.decode("utf-8", "replace").splitlines()
    return [line for line in lines if line.startswith(("error:", "fatal:"))]


def _bound(process: int) -> None:
    """Bound the memory of a child; one that has ended already needs no bound."""
    with suppress(OSError, ValueError):
        resource.prlimit(process, resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))


def _answer(process: "Popen[bytes]") -> bytes:
    output, complaint = _both(process)
    status = process.wait()
    complaints = complaints_of(complaint)
    if status or complaints:
        raise GitFailedError(status, complaints)
    return output


def _both(process: "Popen[bytes]") -> tuple[bytes, bytes]:
    """Give standard output and error of a process, read side by side until both end."""
    output, complaint = bytearray(), bytearray()
    deadline = time.monotonic() + LONGEST
    with selectors.DefaultSelector() as waiting:
        waiting.register(_stream(process.stdout), selectors.EVENT_READ, output)
        waiting.register(_stream(process.stderr), selectors.EVENT_READ, complaint)
        while waiting.get_map():
            for key, _ in ready(waiting, deadline):
                if piece := os.read(key.fd, _STEP):
                    key.data.extend(piece)
                else:
                    waiting.unregister(key.fileobj)
            if len(output) > LARGEST:
                raise GitFailedError(0, [f"its answer is larger than {LARGEST >> 20} MB"])
            del complaint[_LARGEST_COMPLAINT:]
    return bytes(output), bytes(complaint)


def _stream(found: IO[bytes] | None) -> IO[bytes]:
    if found is None:
        raise UsageError("git cannot be run: it has no standard output")
    return found
