"""Gzip by its magic number, with a bound on what it may grow to."""

import zlib

SMALL = 4 * 1024 * 1024
"""What may be inflated of any input."""
FACTOR = 32
"""What may be inflated of a larger one, as a multiple of its own size: text gives 5 to 15."""
LINES = 200_000
"""The lines that may come of any input, beside one for each byte of it; mail needs a tenth."""
_GZIP = 16 + zlib.MAX_WBITS
_STEP = 1024 * 1024


class InflateError(ValueError):
    """Compressed data is damaged or too large; the text continues a sentence ("it ...")."""


def is_gzip(raw: bytes) -> bool:
    """Tell gzip data by its first bytes (RFC 1952), whatever its file is called."""
    return raw.startswith(b"\x1f\x8b\x08")


class Allowance:
    """What may be inflated in all of one input: its files and their attachments together."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._left = min(SMALL, largest)
        self._lines = LINES

    def admit(self, size: int) -> None:
        """Allow more for what was read of the input."""
        self._left = min(self._left + FACTOR * size, self._largest)
        self._lines += size

    def inflate(self, raw: bytes) -> bytes:
        """Inflate gzip data; `InflateError` if it is damaged, or more than is left."""
        content = inflate(raw, self._left)
        self._left -= len(content)
        lines = content.count(b"\n")
        if lines > self._lines:
            raise InflateError(
                "inflates to too many lines for its size; unpack it and give one thread"
            )
        self._lines -= lines
        return content


def inflate(raw: bytes, largest: int) -> bytes:
    """Inflate gzip data of one or more members; raise `InflateError` if it cannot be had whole."""
    pieces: list[bytes] = []
    size = 0
    rest = raw
    while is_gzip(rest):
        engine = zlib.decompressobj(_GZIP)
        while not engine.eof:
            piece = _next_piece(engine, rest)
            size += len(piece)
            if size > largest:
                raise InflateError(
                    "inflates to too much for its size; unpack it and give one thread"
                )
            pieces.append(piece)
            rest = engine.unused_data if engine.eof else engine.unconsumed_tail
            if not engine.eof and not rest and not piece:
                raise InflateError("is gzip data cut short; fetch it again")
    return b"".join(pieces)


def _next_piece(engine: "zlib._Decompress", rest: bytes) -> bytes:
    try:
        return engine.decompress(rest, _STEP)
    except zlib.error as error:
        raise InflateError("is damaged gzip data; fetch it again") from error
