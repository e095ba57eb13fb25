"""An input made smaller, as long as the same is wrong with it."""

import time
from collections.abc import Callable

_SECONDS = 8.0


def shrunk(raw: bytes, is_wrong: Callable[[bytes], bool], seconds: float = _SECONDS) -> bytes:
    """Leave out lines, the largest runs of them first, until time is up or nothing can go."""
    until = time.monotonic() + seconds
    lines = raw.splitlines(keepends=True)
    size = len(lines) // 2
    while size and time.monotonic() < until:
        lines = _without(lines, size, is_wrong, until)
        size //= 2
    return b"".join(lines)


def _without(
    lines: list[bytes], size: int, is_wrong: Callable[[bytes], bool], until: float
) -> list[bytes]:
    start = 0
    while start < len(lines) and time.monotonic() < until:
        rest = lines[:start] + lines[start + size :]
        if is_wrong(b"".join(rest)):
            lines = rest
        else:
            start += size
    return lines
