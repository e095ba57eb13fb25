"""Foreign text in Markdown: shown as it is, never as a mark, a tag, a link or a mention."""

import re

from tdxreview.regex import regex
from tdxreview.report.plain import one_line, plain

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKS = regex(r"[\\*\[\]|~`]|(?<![^\W_])_|_(?![^\W_])")
_CALLS = regex(r"@\w|#\d|://|^www\.", re.ASCII | re.IGNORECASE)
"""What a forge makes a mention, a reference or a link of, wherever it stands in prose."""
_STARTS = regex(r"[-+=#]+$|\d+[.)]$")
"""Words that begin a list or a heading at the start of a line."""


def escaped(text: str) -> str:
    """Give one line of prose; code in back quotes stays code.

    `@name` would send a mail to somebody, `#1` would say something in issue 1, and a bare address
    would become a link: these are shown as code.
    """
    pieces = one_line(text).split("`")
    if len(pieces) % 2 == 0:
        return _prose("`".join(pieces))
    return "".join(
        code(piece) if number % 2 else _prose(piece) for number, piece in enumerate(pieces)
    )


def _prose(text: str) -> str:
    first, *others = text.split(" ")
    return " ".join((_first_word(first), *map(_word, others)))


def _word(word: str) -> str:
    if _CALLS.search(word):
        return cell_code(word)
    return "".join(_ENTITIES.get(each, each) for each in _MARKS.sub(r"\\\g<0>", word))


def _first_word(word: str) -> str:
    """Give a word that may stand at the start of a line, where it could begin a list."""
    if not _STARTS.match(word):
        return _word(word)
    return f"{word[:-1]}\\{word[-1]}" if word[0].isdigit() else f"\\{word}"


def code(text: str) -> str:
    """Give one line as code, in as many back quotes as it takes."""
    safe = one_line(text)
    fence = "`" * (1 + longest_run(safe))
    gap = " " if safe.startswith("`") or safe.endswith("`") else ""
    return f"{fence}{gap}{safe}{gap}{fence}" if safe else ""


def cell_code(text: str) -> str:
    """Give code inside a table, where a bar would end the cell."""
    return code(text).replace("|", "\\|")


def block(text: str, language: str) -> str:
    """Give lines of code in a fence that nothing in them closes."""
    safe = plain(text).rstrip("\n")
    fence = "`" * max(3, 1 + longest_run(safe))
    return f"{fence}{language}\n{safe}\n{fence}"


def longest_run(text: str) -> int:
    """Give the length of the longest run of back quotes."""
    return max(map(len, re.findall("`+", text)), default=0)
