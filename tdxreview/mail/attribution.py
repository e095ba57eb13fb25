"""Who is quoted: `On DATE, NAME wrote:` in the forms that mail programs write it."""

import re
from collections.abc import Sequence

from tdxreview.mail.header import parse_author
from tdxreview.mail.message import Author

_END = re.compile(r"(?:wrote|writes|schrieb|a écrit|said|skrev|写道)\s?(?:[:\uff1a]|\.{3})?\s*$")
_NAME_LAST = re.compile(r"(?:schrieb|skrev) (\S.{0,150}):\s*$")
_START = re.compile(r"\s*\W?(?:On|Am|Le|Op|Den|在|At) ")
_WHEN = re.compile(
    r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?|[+-]\d{4}\b|\b\d{4}-\d{1,2}-\d{1,2}"
    r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}|\b(?:19|20)\d{2}\b|\((?:[A-Z]{2,5}|GMT[+-]\d{1,2})\)"
)
_LONGEST = 400
_MOST_LINES = 3


def attribution(lines: Sequence[str], at: int) -> tuple[Author, int] | None:
    """Read the attribution that starts at a line: who is quoted, and how many lines it takes.

    The lines are those of one quoting depth, without their marks.
    """
    joined = ""
    for count in range(1, _MOST_LINES + 1):
        if at + count > len(lines) or len(joined) > _LONGEST:
            return None
        joined = f"{joined} {lines[at + count - 1].strip()}".strip()
        if named := _named(joined, wrapped=count > 1):
            return named, count
        if not _START.match(joined):
            return None
    return None


def _named(text: str, *, wrapped: bool) -> Author | None:
    if len(text) > _LONGEST or not text.endswith((":", "\uff1a", "...", "wrote", "writes")):
        return None
    if last := _NAME_LAST.search(text):
        return parse_author(last[1])
    end = _END.search(text)
    if end is None or (wrapped and not _START.match(text)):
        return None
    return parse_author(_after_date(text[: end.start()]))


def _after_date(text: str) -> str:
    """Give what follows the last word of a date; addresses may hold digits and are no date."""
    head = text.partition("<")[0]
    ends = [found.end() for found in _WHEN.finditer(head)]
    start = ends[-1] if ends else 0
    return text[start:].strip(" ,;:*\t-")
