"""A patch known only from a reply that quotes it: its diff lines, and who wrote them."""

from collections.abc import Sequence

from msgspec import Struct

from tdxreview.mail.diffspan import find_diff
from tdxreview.mail.message import Author
from tdxreview.mail.quoting import QuotedLine, attributions, quoted_lines

_FEWEST_ADDED = 2
_CODE = frozenset(";(){}#%$*=,")


class QuotedDiff(Struct, frozen=True):
    """The diff lines of a quote without their marks.

    `numbers` gives the 1-based body line of each; they need not follow each other, since a
    reviewer writes between them. `author` is who is quoted, without a name if nobody says.
    """

    text: str
    numbers: tuple[int, ...]
    depth: int
    author: Author


def quoted_diff(body: str) -> QuotedDiff | None:
    """Recover the diff that a reply quotes, from the deepest level that carries one.

    Where an archive lost the quote marks, what follows an attribution counts as quoted. Nothing
    is invented: a quote without file names and hunk headers gives lines without them.
    """
    lines = quoted_lines(body)
    names = attributions(lines)
    for depth in sorted({line.depth for line in lines if line.depth}, reverse=True):
        level = [line for line in lines if line.depth == depth]
        if found := _diff_in(level):
            by = [name for name in names if name.depth == depth and name.line < found[0].number]
            return _quoted(found, depth, by[-1].author if by else Author("", ""))
    if names and not any(line.depth for line in lines):
        below = [line for line in lines if line.number > names[0].line]
        if found := _diff_in(below):
            return _quoted(found, 1, names[0].author)
    return None


def _quoted(lines: Sequence[QuotedLine], depth: int, author: Author) -> QuotedDiff:
    text = "\n".join(line.text for line in lines)
    return QuotedDiff(text, tuple(line.number for line in lines), depth, author)


def _diff_in(level: Sequence[QuotedLine]) -> Sequence[QuotedLine]:
    span = find_diff([line.text for line in level])
    if span:
        return level[span.start : span.end]
    runs = [run for run in _runs(level) if _is_code(run)]
    return [line for run in runs for line in run]


def _runs(level: Sequence[QuotedLine]) -> list[list[QuotedLine]]:
    """Split a level where its lines do not follow each other, or are no hunk lines."""
    runs: list[list[QuotedLine]] = [[]]
    for line in level:
        last = runs[-1][-1].number if runs[-1] else 0
        if line.text[:1] not in {"+", "-", " "} or line.number != last + 1:
            runs.append([])
        if line.text[:1] in {"+", "-", " "}:
            runs[-1].append(line)
    return [run for run in runs if run]


def _is_code(run: Sequence[QuotedLine]) -> bool:
    """Tell added code from the bullets of a change log."""
    added = [line.text for line in run if line.text.startswith("+")]
    return len(added) >= _FEWEST_ADDED and any(_CODE & set(text) for text in added)
