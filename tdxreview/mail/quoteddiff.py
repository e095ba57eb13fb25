"""A patch known only from a reply that quotes it: its diff lines, and who wrote them."""

from collections.abc import Sequence

from msgspec import Struct

from tdxreview.mail.diffspan import CUT, SNIP, find_diffs
from tdxreview.mail.message import Author
from tdxreview.mail.quoting import QuotedLine, attributions, is_snip, quoted_lines

_FEWEST_ADDED = 2
_CODE = frozenset(";(){}#%$*=,")


class QuotedDiff(Struct, frozen=True):
    """The diff lines of a quote without their marks, with `CUT` and `SNIP` between them.

    `numbers` gives the 1-based body line of each, that of the line before for a `CUT` or `SNIP`;
    they need not follow each other, since a reviewer writes between them. `author` is who is
    quoted, without a name if nobody says.
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
            return _quoted(found, lines, depth, by[-1].author if by else Author("", ""))
    if names and not any(line.depth for line in lines):
        below = [line for line in lines if line.number > names[0].line]
        if found := _diff_in(below):
            return _quoted(found, lines, 1, names[0].author)
    return None


def _quoted(
    found: Sequence[QuotedLine], lines: Sequence[QuotedLine], depth: int, author: Author
) -> QuotedDiff:
    shown: list[tuple[int, str]] = []
    for line in found:
        last = shown[-1][0] if shown else line.number
        between = lines[last : line.number - 1]
        if any(is_snip(each.text) for each in between):
            shown.append((last, SNIP))
        elif between:
            shown.append((last, CUT))
        shown.append((line.number, SNIP if is_snip(line.text) else line.text))
    return QuotedDiff(
        "\n".join(text for _, text in shown), tuple(at for at, _ in shown), depth, author
    )


def _diff_in(level: Sequence[QuotedLine]) -> Sequence[QuotedLine]:
    """Return the lines of every diff, and the code that stands below without any header."""
    texts = [line.text for line in level]
    spans = find_diffs(texts)
    ends = [0, *(span.end for span in spans)]
    starts = [*(span.start for span in spans), len(level)]
    found: list[QuotedLine] = []
    for index, (end, start) in enumerate(zip(ends, starts, strict=True)):
        if index or not spans:
            loose = (run for run in _runs(level[end:start]) if _is_code(run))
            found += [line for run in loose for line in run]
        if index < len(spans):
            found += level[start : spans[index].end]
    return found


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
