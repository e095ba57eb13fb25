"""Gzip by its magic number, with a bound on what it may grow to."""

import zlib

LARGEST = 512 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_STEP = 1024 * 1024


class InflateError(ValueError):
    """Compressed data is damaged or too large; the text continues a sentence ("it ...")."""


def is_gzip(raw: bytes) -> bool:
    """Tell gzip data by its first bytes (RFC 1952), whatever its file is called."""
    return raw.startswith(b"\x1f\x8b\x08")


def inflate(raw: bytes, largest: int = LARGEST) -> bytes:
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
                raise InflateError(f"inflates to more than {largest // _STEP} MB; give one thread")
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
