"""Who said which line of a mail: quote marks, attributions, snips, and quoted diffs."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from tdxreview.mail.attribution import attribution
from tdxreview.mail.message import Author
from tdxreview.mail.topposted import header_blocks
from tdxreview.regex import regex

_INITIALS = regex(r"([A-Za-z]{1,5})> ?")
_OTHER_MARKS = ("| ", ": ")
_FEWEST_MARKED = 3
_DEEPEST = 100
_ROBOT = "new ones prefixed by >>"
_SNIP = regex(
    r"\s*(?:\[\s?(?:\.{2,}|…|(?:un)?related|snip|trim|skip|cut|\d+ lines?)[^\]]{0,80}\]"
    r"|<\s?(?:snip|cut|trim|\.{2,})[^>]{0,80}>|\.{2,}|…|[-=~ ]{1,40}(?:snip|cut here)[-=~ ]{0,40})"
    r"\s*$",
    re.IGNORECASE,
)


class QuotedLine(Struct, frozen=True):
    """One line: its 1-based number in the body, how often it is quoted, and its text unmarked."""

    number: int
    depth: int
    text: str


class Attribution(Struct, frozen=True):
    """An attribution: the 1-based line it stands in, the depth of what it introduces, and who."""

    line: int
    depth: int
    author: Author


def quoted_lines(body: str) -> tuple[QuotedLine, ...]:
    """Take the quote marks off every line.

    What stands below a header block of a top-posted mail (Outlook) counts as quoted once more,
    though it has no marks, and so does what stands below the next one. A robot's `>>` in front
    of compiler messages is no quote.
    """
    lines = body.split("\n")
    initials = _common_initials(lines)
    mark = _other_mark(lines)
    robot = _ROBOT in body
    marked = [
        (0, line) if robot and line.startswith(">> ") else _unmark(line, initials, mark)
        for line in lines
    ]
    tight = _tight_depths(marked)
    bare = [
        (depth, text.removeprefix(" ") if depth and depth not in tight else text)
        for depth, text in marked
    ]
    return tuple(
        QuotedLine(number, depth + below, text)
        for number, ((depth, text), below) in enumerate(zip(bare, _below(bare), strict=True), 1)
    )


def _below(bare: Sequence[tuple[int, str]]) -> Iterator[int]:
    """Count, for each line, the header blocks that it stands below, in a quote or outside."""
    starts = {block.start for block in header_blocks([text for _, text in bare])}
    open_at: list[int] = []
    for at, (depth, text) in enumerate(bare):
        while open_at and depth < open_at[-1] and text.strip():
            open_at.pop()
        yield len(open_at)
        if at in starts:
            open_at.append(depth)


def attributions(lines: Sequence[QuotedLine]) -> tuple[Attribution, ...]:
    """Give every attribution of a body, in its order; they may wrap over three lines."""
    found: list[Attribution] = []
    at = 0
    while at < len(lines):
        depth = lines[at].depth
        near = [line.text for line in lines[at : at + 3] if line.depth == depth]
        named = attribution(near, 0)
        if named:
            found.append(Attribution(lines[at].number, depth + 1, named[0]))
        at += named[1] if named else 1
    return tuple(found)


def is_snip(text: str) -> bool:
    """Tell a line that stands for text left out: `[...]`, `<snip>`, `[ ... 12 lines skipped ]`."""
    return len(text) <= 200 and _SNIP.match(text) is not None  # noqa: PLR2004 - no mark is longer


def _unmark(line: str, initials: str, mark: str) -> tuple[int, str]:
    if initials and line.startswith(initials):
        depth, text = _unmark_angles(line[len(initials) :])
        return depth, text
    if mark and line.startswith(mark[0]):
        return 1, line[1:]
    return _unmark_angles(line)


def _unmark_angles(line: str) -> tuple[int, str]:
    """Count the marks; between two of them one space may stand."""
    depth = at = 0
    while at < len(line) and depth < _DEEPEST:
        if line[at] == ">":
            depth, at = depth + 1, at + 1
        elif depth and line[at] == " " and line[at + 1 : at + 2] == ">":
            at += 1
        else:
            break
    return depth, line[at:]


def _tight_depths(marked: list[tuple[int, str]]) -> set[int]:
    """Give the depths whose marks are written without a space, so that a space is the text's."""
    filled = [(depth, text) for depth, text in marked if depth and text.strip()]
    total = Counter(depth for depth, _ in filled)
    tight = Counter(depth for depth, text in filled if text[0] not in " \t")
    return {depth for depth, count in tight.items() if count * 4 >= total[depth]}


def _common_initials(lines: Sequence[str]) -> str:
    """Give the `kh` of a body whose quotes are marked `kh> `."""
    found = Counter(match[1] for line in lines if (match := _INITIALS.match(line)))
    name, count = found.most_common(1)[0] if found else ("", 0)
    return name if count >= _FEWEST_MARKED else ""


def _other_mark(lines: Sequence[str]) -> str:
    """Give the mark of a body that quotes with `|` or `:`: only below an attribution."""
    for at, line in enumerate(lines):
        if line.rstrip().endswith(":") and attribution(lines, at):
            following = [each for each in lines[at + 1 : at + 40] if each.strip()]
            for mark in _OTHER_MARKS:
                if sum(each.startswith(mark) for each in following) >= _FEWEST_MARKED:
                    return mark
    return ""
