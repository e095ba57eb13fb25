"""The hash by which GitHub knows a line again (`primaryLocationLineHash`).

As in codeql-action, src/fingerprints.ts: over a line and what follows it, a hundred UTF-16 units
without blanks and tabs, rolled with base 37 in 64 bits; the end of the file is unit 65535, behind
it stand zeros. `:n` tells apart lines with the same hash.
"""

from collections.abc import Iterator

BLOCK = 100
BASE = 37
BITS = (1 << 64) - 1
LEAVING = pow(BASE, BLOCK, 1 << 64)
END_OF_FILE = 65535
LINE_FEED = 10
BLANKS = frozenset(b" \t")


def line_hashes(text: str) -> tuple[str, ...]:
    """Give the hash of each line of a file."""
    units, starts = _units(text)
    window = [*units, END_OF_FILE, *[0] * BLOCK]
    if len(starts) == 0 or units[-1:] == [LINE_FEED]:
        starts.append(len(units))
    seen: dict[str, int] = {}
    found = []
    for value in _rolled(window, starts):
        word = f"{value:x}"
        seen[word] = seen.get(word, 0) + 1
        found.append(f"{word}:{seen[word]}")
    return tuple(found)


def _units(text: str) -> tuple[list[int], list[int]]:
    """Give the units that count, and the indices at which lines begin."""
    raw = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-16-le", "surrogatepass")
    units: list[int] = []
    starts: list[int] = []
    at_start = True
    for low, high in zip(raw[::2], raw[1::2], strict=True):
        unit = low | high << 8
        if unit in BLANKS:
            continue
        if at_start:
            starts.append(len(units))
        at_start = unit == LINE_FEED
        units.append(unit)
    return units, starts


def _rolled(window: list[int], starts: list[int]) -> Iterator[int]:
    """Give the hash of the block that begins at each start, in ascending order."""
    value, wanted = 0, iter(starts)
    start = next(wanted, None)
    for at, unit in enumerate(window):
        leaving = window[at - BLOCK] if at >= BLOCK else 0
        value = (value * BASE + unit - leaving * LEAVING) & BITS
        if start is not None and at == start + BLOCK - 1:
            yield value
            start = next(wanted, None)
