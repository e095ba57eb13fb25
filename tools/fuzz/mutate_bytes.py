"""Changes that know nothing of what the bytes mean."""

from random import Random

_ODD = (
    *(b"\0", b"\x1b[2J", b"\x1b]0;x\x07", b"\xff\xfe", b"\x80", b"\xc2\x9b31m", b"\xe2\x80\xae"),
    *(b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\r", b"\x0b", b"\x0c", b"\x85", b"\t", b"\n\n", b"\x08"),
    *(b"%s%n", b"../../", b"\xf0\x9f\x92\xa9", b"[bold red]", b"[/]", b"\x1f\x8b\x08", b"9" * 40),
)
_LONGEST = 100_000


def flip(data: bytes, chance: Random) -> bytes:
    """Change single bytes."""
    out = bytearray(data)
    for _ in range(chance.randrange(1, 9)):
        if out:
            out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def insert(data: bytes, chance: Random) -> bytes:
    """Put odd bytes anywhere."""
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_ODD) * chance.choice((1, 1, 1, 3, 50)) + data[at:]


def delete(data: bytes, chance: Random) -> bytes:
    """Leave a piece out."""
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def repeat(data: bytes, chance: Random) -> bytes:
    """Write a piece several times; the whole stays below 100 KB."""
    start, end = _span(data, chance)
    times = min(chance.choice((2, 3, 30, 1000)), max(1, _LONGEST // max(1, end - start)))
    return (data[:start] + data[start:end] * times + data[end:])[:_LONGEST]


def cut(data: bytes, chance: Random) -> bytes:
    """Break off at any byte."""
    return data[: chance.randrange(len(data) + 1)]


def swap_lines(data: bytes, chance: Random) -> bytes:
    """Change the order of two lines."""
    lines = data.splitlines(keepends=True)
    if len(lines) < 2:
        return data
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)


def drop_lines(data: bytes, chance: Random) -> bytes:
    """Leave lines out."""
    rate = chance.choice((0.01, 0.05, 0.3))
    return b"".join(each for each in data.splitlines(keepends=True) if chance.random() > rate)


def _span(data: bytes, chance: Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 4, 40, 400)))


ALL = (flip, insert, delete, repeat, cut, swap_lines, drop_lines)
