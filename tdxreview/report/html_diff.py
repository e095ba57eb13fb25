"""The diff of a patch in a page, with what was found and said at its lines."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from tdxreview.report.html_finding import Anchors
from tdxreview.report.html_text import code, tag, text
from tdxreview.series.model import Patch
from tdxreview.source.diff import split_diff
from tdxreview.source.model import DiffLine, FileDiff, Hunk, LineKind

MOST_LINES = 20_000
"""Lines of a patch's diff that the page holds; no patch that people read is longer."""
_KIND = {LineKind.ADDED: "added", LineKind.REMOVED: "removed", LineKind.CONTEXT: ""}

Cards = Mapping[tuple[str, str, int], Sequence[str]]
"""What stands below a line of a patch, by side, path and number."""


class Shown(Struct, frozen=True):
    """A diff as HTML, and the keys of the cards that found their line in it."""

    html: str
    placed: frozenset[tuple[str, str, int]]


def anchors_of(patches: Sequence[Patch]) -> Anchors:
    """Give the ids of all lines that the page will show."""
    return {
        (patch.position, side, path, number): _id(patch, line)
        for patch in patches
        for file in split_diff(patch.diff).files
        for hunk in file.hunks
        for line in hunk.lines
        for side, path, number in _keys(file, line)
        if line.diff_line < MOST_LINES
    }


def _id(patch: Patch, line: DiffLine) -> str:
    return f"p{patch.position}-{line.diff_line}"


def _keys(file: FileDiff, line: DiffLine) -> Iterator[tuple[str, str, int]]:
    """Give the names of a line: what stays has one on either side."""
    if line.new is not None and file.new_path:
        yield "after", file.new_path, line.new
    if line.old is not None and file.old_path:
        yield "before", file.old_path, line.old


def diff_html(patch: Patch, cards: Cards) -> Shown:
    """Give the files of a patch; those that nothing is said about are folded."""
    placed: set[tuple[str, str, int]] = set()
    files = [_file(patch, file, cards, placed) for file in split_diff(patch.diff).files]
    return Shown("".join(files), frozenset(placed))


def _file(patch: Patch, file: FileDiff, cards: Cards, placed: set[tuple[str, str, int]]) -> str:
    before = len(placed)
    rows = "".join(_hunk(patch, file, hunk, cards, placed) for hunk in file.hunks)
    name = file.path if file.new_path else f"{file.path} (deleted)"
    table = tag("div", tag("table", rows, class_="code"), class_="scroll")
    return tag(
        "details",
        tag("summary", tag("code", text(name))) + table,
        class_="file",
        open="open" if len(placed) > before else "",
    )


def _hunk(
    patch: Patch, file: FileDiff, hunk: Hunk, cards: Cards, placed: set[tuple[str, str, int]]
) -> str:
    head = f"@@ -{hunk.old_start} +{hunk.new_start} @@ {hunk.section}"
    rows = [tag("tr", f'<td class="n" colspan="2"></td><td>{code(head)}</td>', class_="hunk")]
    for line in hunk.lines:
        if line.diff_line >= MOST_LINES:
            rows.append('<tr class="hunk"><td colspan="3">cut here: see the patch</td></tr>')
            break
        rows.append(_line(patch, line))
        for key in _keys(file, line):
            if key in cards and key not in placed:
                placed.add(key)
                rows += map(_below, cards[key])
    return "".join(rows)


def _line(patch: Patch, line: DiffLine) -> str:
    old, new = (str(number or "") for number in (line.old, line.new))
    cells = (
        f'<td class="n">{old}</td><td class="n">{new}</td>'
        f"<td>{code(f'{line.kind}{line.text}')}</td>"
    )
    return tag("tr", cells, id=_id(patch, line), class_=_KIND[line.kind])


def _below(card: str) -> str:
    return f'<tr class="told"><td colspan="3"><div class="told-in">{card}</div></td></tr>'
