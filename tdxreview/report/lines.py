"""Lines of a text report, and their way to a string."""

from collections.abc import Iterable, Iterator

from tdxreview.report.cells import broken_words, paragraphs, width_of, wrapped
from tdxreview.report.plain import plain
from tdxreview.report.row import Row

PROSE_WIDTH = 100
"""Wider lines of prose are hard to read, however wide the terminal is."""
LABEL_WIDTH = 7
INDENT = 2
DIM = "dim"
GAP = "  "
DOT = " · "

Piece = tuple[str, str]
"""A text and its style."""


def line(*pieces: str | Piece) -> Row:
    """Give one line of pieces, each a text or a text with its style."""
    row = Row()
    for piece in pieces:
        text, style = (piece, "") if isinstance(piece, str) else piece
        row.append(text, style)
    return row


def flow(
    pieces: Iterable[Piece], *, width: int, start: int = 0, indent: int = 0, between: str = GAP
) -> Iterator[Row]:
    """Give pieces with `between` them, wrapped at words; later lines are indented by `indent`."""
    words = (
        (word, style, between if number == 0 and place else " ")
        for place, (text, style) in enumerate(pieces)
        for number, word in enumerate(broken_words(plain(text), width - max(start, indent)))
    )
    return _filled(words, width=width, start=start, indent=indent)


def joined(
    pieces: Iterable[Piece], *, width: int, start: int = 0, indent: int = 0, between: str = DOT
) -> Iterator[Row]:
    """Give pieces with `between` them; a line ends between pieces, unless one is too wide."""
    parts = (
        (part, style, between if number == 0 and place else " ")
        for place, (text, style) in enumerate(pieces)
        for number, part in enumerate(wrapped(plain(text), width - max(start, indent)))
    )
    return _filled(parts, width=width, start=start, indent=indent)


def _filled(
    words: Iterable[tuple[str, str, str]], *, width: int, start: int, indent: int
) -> Iterator[Row]:
    """Give lines filled with words, each with its style and what parts it from the one before."""
    row, empty = Row(" " * start), True
    for word, style, gap in words:
        if not empty and row.columns + width_of(gap) + width_of(word) > width:
            yield row
            row, empty = Row(" " * indent), True
        row.append("" if empty else gap, DIM).append(word, style)
        empty = False
    yield row


def labelled(label: str, text: str, width: int, style: str = "") -> Iterator[Row]:
    """Give prose with a label before its first line, wrapped and indented alike."""
    room = min(width, PROSE_WIDTH) - INDENT - LABEL_WIDTH
    for block in paragraphs(plain(text)):
        for row in wrapped(block, room):
            yield line(" " * INDENT, (label.ljust(LABEL_WIDTH), DIM), (row, style))
            label = ""


def to_string(lines: Iterable[Row], *, width: int, colour: bool, links: bool = False) -> str:
    """Give the lines as they go to a terminal; without `colour` there is no escape sequence.

    With `links` an address leads to its page, and the name of a mail to the kernel's archive.
    """
    if not colour:
        return "".join(f"{row.plain.rstrip()}\n" for row in lines)
    from tdxreview.report.coloured import coloured

    return coloured(lines, width=width, links=links)
