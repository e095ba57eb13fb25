"""Lines of a text report: rich's `Text` without rich's markup, and its way to a string."""

from collections.abc import Iterable, Iterator
from io import StringIO

from rich.text import Text

from tdxreview.regex import regex
from tdxreview.report.cells import broken_words, paragraphs, width_of, wrapped
from tdxreview.report.plain import plain

PROSE_WIDTH = 100
"""Wider lines of prose are hard to read, however wide the terminal is."""
LABEL_WIDTH = 7
INDENT = 2
DIM = "dim"
GAP = "  "
DOT = " · "

LORE = "https://lore.kernel.org/r/"
_OF_ADDRESSES = ":/?#[]@!$&'()*+,;=%~-._"
_LEADS = regex(r"https?://[^\s<>`]+[^\s<>`.,;:)\]]|<[^\s<>@]+@[^\s<>@]+>")
_LINK_ID = regex(r"\x1b\]8;id=[^;]*;")

Piece = tuple[str, str]
"""A text and its style."""


def line(*pieces: str | tuple[str, str]) -> Text:
    """Give one line of pieces, each a text or a text with its style."""
    return Text.assemble(*pieces, no_wrap=True)


def flow(
    pieces: Iterable[Piece], *, width: int, start: int = 0, indent: int = 0, between: str = GAP
) -> Iterator[Text]:
    """Give pieces with `between` them, wrapped at words; later lines are indented by `indent`."""
    words = (
        (word, style, between if number == 0 and place else " ")
        for place, (text, style) in enumerate(pieces)
        for number, word in enumerate(broken_words(plain(text), width - max(start, indent)))
    )
    return _filled(words, width=width, start=start, indent=indent)


def joined(
    pieces: Iterable[Piece], *, width: int, start: int = 0, indent: int = 0, between: str = DOT
) -> Iterator[Text]:
    """Give pieces with `between` them; a line ends between pieces, unless one is too wide."""
    parts = (
        (part, style, between if number == 0 and place else " ")
        for place, (text, style) in enumerate(pieces)
        for number, part in enumerate(wrapped(plain(text), width - max(start, indent)))
    )
    return _filled(parts, width=width, start=start, indent=indent)


def _filled(
    words: Iterable[tuple[str, str, str]], *, width: int, start: int, indent: int
) -> Iterator[Text]:
    """Give lines filled with words, each with its style and what parts it from the one before."""
    row, empty = Text(" " * start), True
    for word, style, gap in words:
        if not empty and row.cell_len + width_of(gap) + width_of(word) > width:
            yield row
            row, empty = Text(" " * indent), True
        row.append("" if empty else gap, DIM).append(word, style)
        empty = False
    yield row


def labelled(label: str, text: str, width: int, style: str = "") -> Iterator[Text]:
    """Give prose with a label before its first line, wrapped and indented alike."""
    room = min(width, PROSE_WIDTH) - INDENT - LABEL_WIDTH
    for block in paragraphs(plain(text)):
        for row in wrapped(block, room):
            yield line(" " * INDENT, (label.ljust(LABEL_WIDTH), DIM), (row, style))
            label = ""


def to_string(lines: Iterable[Text], *, width: int, colour: bool, links: bool = False) -> str:
    """Give the lines as they go to a terminal; without `colour` there is no escape sequence.

    With `links` an address leads to its page, and the name of a mail to the kernel's archive.
    """
    if not colour:
        return "".join(f"{row.plain.rstrip()}\n" for row in lines)
    from rich.console import Console  # noqa: PLC0415  20 ms that a pipe does not need

    out = StringIO()
    console = Console(
        file=out,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        width=width,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    for row in lines:
        row.rstrip()  # some versions of rich do, others do not
        if links:
            row.highlight_regex(_LEADS, _link)
        console.print(row, soft_wrap=True)
    # rich gives each link a number by chance; nobody needs it, and two runs would differ.
    return _LINK_ID.sub("\x1b]8;;", out.getvalue())


def _link(text: str) -> str:
    """Give the style of an address, or of a Message-ID in its brackets."""
    from urllib.parse import quote  # noqa: PLC0415  only few terminals need it

    if text.startswith("<"):
        return f"link {LORE}{quote(text[1:-1], safe='@')}"
    return f"link {quote(text, safe=_OF_ADDRESSES)}"
