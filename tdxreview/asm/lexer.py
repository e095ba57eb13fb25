"""Assembly source as lines without comments, each knowing where it stands."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tdxreview.cache import per_fragment
from tdxreview.regex import regex
from tdxreview.source.model import Fragment, Image

_QUOTED = regex(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKET = regex(r"[()\[\]{}]")
_PIECE = regex(r'/\*|//|"(?:[^"\\]|\\.)*"|[^/"]+|.', re.DOTALL)


class Line(NamedTuple):
    """One line of code: comments gone, continuation lines joined into it.

    `number` is that of its first line. A line with `text` equal to `GAP` stands for unknown
    lines. `via` is where a macro was used that brought it, outermost first.
    """

    path: str
    number: int
    text: str
    via: tuple[tuple[str, int, str], ...] = ()


GAP = "\x00"
_LONGEST_COMMENT_GAP = 8


def image_lines(image: Image) -> Iterator[Line]:
    """Give the code lines of an image, with a gap wherever code may stand that is not known."""
    before: Fragment | None = None
    for fragment in image.fragments:
        if not image.whole and not _within_comment(before, fragment):
            yield Line(image.path, fragment.start, GAP)
        before = fragment
        yield from fragment_lines(fragment, image.path)
    if not image.whole:
        yield Line(image.path, 0, GAP)


def _within_comment(before: Fragment | None, after: Fragment) -> bool:
    """Tell whether the few lines between two fragments are the middle of one comment."""
    if before is None or after.start - before.end > _LONGEST_COMMENT_GAP:
        return False
    text = before.text
    opened = text.rfind("/*") > text.rfind("*/")
    return opened and _begins_in_comment([(line.number, line.text) for line in after.lines])


def fragment_lines(fragment: Fragment, path: str) -> Iterator[Line]:
    """Give the code lines of a fragment; its first line may stand inside a comment."""
    return (Line(path, number, text) for number, text in _code_of(fragment))


@per_fragment
def _code_of(fragment: Fragment) -> tuple[tuple[int, str], ...]:
    known = [(line.number, line.text) for line in fragment.lines]
    return tuple((line.number, line.text) for line in code_lines("", known))


def code_lines(path: str, numbered: Iterable[tuple[int, str]]) -> Iterator[Line]:
    """Give the code lines of consecutive source lines; the first may stand inside a comment.

    Lines are joined before comments are looked for, as C 5.1.1.2 has it.
    """
    for number, text in _uncommented(list(_joined(numbered))):
        kept = _without_hash_comment(text).strip()
        if kept:
            yield Line(path, number, kept)


def _joined(numbered: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    pending: list[str] = []
    start = 0
    for number, text in numbered:
        start = start if pending else number
        bare = text.rstrip()
        if bare.endswith("\\"):
            pending.append(bare[:-1])
            continue
        yield start, "".join((*pending, text))
        pending = []
    if pending:
        yield start, "".join(pending)


def _uncommented(numbered: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    inside = _begins_in_comment(numbered)
    for number, text in numbered:
        kept, inside = _strip(text, inside=inside)
        yield number, kept.rstrip()


def _begins_in_comment(numbered: list[tuple[int, str]]) -> bool:
    for _, text in numbered:
        opens, closes = text.find("/*"), text.find("*/")
        if closes >= 0 and (opens < 0 or closes < opens):
            return True
        if opens >= 0:
            return False
    return False


def _strip(text: str, *, inside: bool) -> tuple[str, bool]:
    if not inside and "/" not in text:
        return text, False
    kept: list[str] = []
    at = 0
    while at < len(text):
        if inside:
            end = text.find("*/", at)
            if end < 0:
                return "".join(kept), True
            at, inside = end + 2, False
            kept.append(" ")
            continue
        found = _PIECE.match(text, at)
        piece = found[0] if found else text[at]
        if piece == "//":
            break
        inside = piece == "/*"
        kept.append("" if inside else piece)
        at += len(piece)
    return "".join(kept), inside


def _without_hash_comment(text: str) -> str:
    if "#" not in text or text.lstrip().startswith("#"):
        return text
    return text[:at] if (at := masked(text).find("#")) >= 0 else text


def masked(text: str) -> str:
    """Give the text with every sign between quotes blanked out, place for place."""
    if '"' not in text:
        return text
    return _QUOTED.sub(lambda found: "\x01" * len(found[0]), text)


def split_statements(text: str) -> list[str]:
    """Cut a line at the semicolons that stand outside quotes."""
    if ";" not in text:
        return [text.strip()] if text.strip() else []
    return [part for part in _cut(text, ";", masked(text)) if part]


def _cut(text: str, sign: str, where: str) -> Iterator[str]:
    start = 0
    while (at := where.find(sign, start)) >= 0:
        yield text[start:at].strip()
        start = at + 1
    yield text[start:].strip()


def split_arguments(text: str) -> tuple[str, ...]:
    """Cut at the commas that stand outside brackets and quotes; no text gives no argument."""
    if not text.strip():
        return ()
    where = masked(text)
    if not _BRACKET.search(where):
        return tuple(_cut(text, ",", where))
    signs, depth = list(where), 0
    for at, sign in enumerate(signs):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth:
            signs[at] = "\x01"
    return tuple(_cut(text, ",", "".join(signs)))
