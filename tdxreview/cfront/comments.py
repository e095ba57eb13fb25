"""The comments in a function's text, and where they stand."""

import re
from collections.abc import Iterator

from tdxreview.regex import regex

_BLOCK = regex(r"/\*.*?\*/", re.DOTALL)
_LINE = regex(r"//[^\n]*")


def near(text: str, first: int, last: int) -> Iterator[str]:
    """Give the comments of which any part stands on these lines (0-based, both included)."""
    ends = text.split("\n")
    start = sum(len(line) + 1 for line in ends[:first])
    stop = sum(len(line) + 1 for line in ends[: last + 1])
    # What was never closed is left out: looking for its end again and again takes too long.
    closed = text[: text.rfind("*/") + 2]
    for found in (*_BLOCK.finditer(closed), *_LINE.finditer(text)):
        if found.end() > start and found.start() < stop:
            yield found[0]
