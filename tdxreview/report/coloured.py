"""Lines in colour: rich makes the escape sequences of a terminal from rows and their styles."""

from collections.abc import Iterable
from io import StringIO
from urllib.parse import quote

from rich.console import Console
from rich.text import Text

from tdxreview.regex import regex
from tdxreview.report.row import Row

LORE = "https://lore.kernel.org/r/"
_OF_ADDRESSES = ":/?#[]@!$&'()*+,;=%~-._"
_LEADS = r"https?://[^\s<>`]+[^\s<>`.,;:)\]]|<[^\s<>@]+@[^\s<>@]+>"
_LINK_ID = regex(r"\x1b\]8;id=[^;]*;")


def coloured(lines: Iterable[Row], *, width: int, links: bool) -> str:
    """Return lines with escape sequences; with `links`, addresses lead to their pages."""
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
        text = text_of(row)
        text.rstrip()  # some versions of rich do, others do not
        if links:
            text.highlight_regex(_LEADS, _link)
        console.print(text, soft_wrap=True)
    # rich gives each link a number by chance; nobody needs it, and two runs would differ.
    return _LINK_ID.sub("\x1b]8;;", out.getvalue())


def text_of(row: Row) -> Text:
    """Return a row as rich has it."""
    return Text.assemble(*row.pieces, no_wrap=True)


def _link(text: str) -> str:
    """Return the style of an address, or of a Message-ID in its brackets."""
    if text.startswith("<"):
        return f"link {LORE}{quote(text[1:-1], safe='@')}"
    return f"link {quote(text, safe=_OF_ADDRESSES)}"
