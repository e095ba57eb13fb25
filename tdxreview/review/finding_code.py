"""The code that a finding is about: its own statement and those on its way, without their places.

It is what outlives a reroll: no line number, no white space, no comment is in it.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from tdxreview.regex import regex
from tdxreview.rules.model import Finding
from tdxreview.source.model import Image

MOST_STATEMENTS = 24
"""Statements that are kept of one finding."""
MOST_LINES = 12
"""Lines of one statement."""
MOST_FUNCTION = 2_000
"""Lines of one function."""
_TOKEN = regex(r'"(?:\\.|[^"\\])*"|\w+|[^\w\s]')
_COMMENT = regex(r"/\*.*?\*/|//[^\n]*|/\*.*\Z", re.DOTALL)
_ENDS = (";", "{", "}", ":", "*/")
_WORD = regex(r"[A-Za-z_]\w*")


class Code(Struct, frozen=True):
    """Statements, the finding's own one first; `image` and `line` say where that is."""

    statements: tuple[str, ...] = ()
    image: Image | None = None
    line: int = 0

    def around(self) -> tuple[str, ...]:
        """Give all statements of the function."""
        return () if self.image is None else tuple(_statements(_function(self.image, self.line)))

    def words_around(self) -> frozenset[str]:
        """Give the names in the function."""
        around = [] if self.image is None else _function(self.image, self.line)
        return _words("\n".join(text for _, text in around))

    def words_of_file(self) -> frozenset[str]:
        """Give the names in the file, as far as it is known."""
        return _words("\n".join(each.text for each in self.image.lines) if self.image else "")


NO_CODE = Code()


def code_of(finding: Finding, image: Image | None) -> Code:
    """Give the code of a finding that stands in `image`; none if it stands nowhere there."""
    place = finding.place
    if place is None or image is None or image.path != place.path:
        return NO_CODE
    around = _function(image, place.line)
    at = {number: index for index, (number, _) in enumerate(around)}
    if place.line not in at:
        return NO_CODE
    lines = [place.line, *(step.line for step in finding.trace if step.path == place.path)]
    whole = not image.path.endswith(".S")
    found = (_statement(around, at[line], whole=whole) for line in lines if line in at)
    kept = tuple(dict.fromkeys(each for each in found if each))
    return Code(kept[:MOST_STATEMENTS], image, place.line)


def _function(image: Image, line: int) -> list[tuple[int, str]]:
    """Give the lines from the end of one function to the end of the next, around a line."""
    fragment = next((each.lines for each in image.fragments if _holds(each.lines, line)), ())
    known = [(each.number, each.text) for each in fragment]
    here = next((i for i, (number, _) in enumerate(known) if number == line), 0)
    start = here
    while start and here - start < MOST_FUNCTION and not known[start - 1][1].startswith("}"):
        start -= 1
    end = here
    while end < len(known) - 1 and not known[end][1].startswith("}"):
        end += 1
    return known[start : min(end + 1, here + MOST_FUNCTION)]


def _holds(lines: Sequence[object], line: int) -> bool:
    first, last = (getattr(lines[i], "number", 0) for i in (0, -1)) if lines else (1, 0)
    return first <= line <= last


def _statement(lines: Sequence[tuple[int, str]], index: int, *, whole: bool = True) -> str:
    """Give the statement that a line is in, or the line alone where lines are instructions."""
    first = last = index
    while whole and first and index - first < MOST_LINES and not _is_end(lines[first - 1][1]):
        first -= 1
    while (
        whole
        and last < len(lines) - 1
        and last - index < MOST_LINES
        and not _is_end(lines[last][1])
    ):
        last += 1
    return plain_code("\n".join(text for _, text in lines[first : last + 1]))


def _is_end(text: str) -> bool:
    bare = _COMMENT.sub("", text).strip()
    return not bare or bare.endswith(_ENDS) or bare.startswith(("#", "*"))


def _statements(lines: Sequence[tuple[int, str]]) -> Iterator[str]:
    begun: list[str] = []
    for _, text in lines:
        begun.append(text)
        if _is_end(text):
            yield plain_code("\n".join(begun))
            begun = []
    if begun:
        yield plain_code("\n".join(begun))


def plain_code(text: str) -> str:
    """Give code as its words and signs with a blank between two."""
    return " ".join(_TOKEN.findall(_COMMENT.sub(" ", text)))


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(_COMMENT.sub(" ", text)))
