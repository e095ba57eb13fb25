"""Who is quoted: `On DATE, NAME wrote:` in the forms that mail programs write it."""

import re
from collections.abc import Sequence

from tdxreview.mail.header import parse_author
from tdxreview.mail.message import Author
from tdxreview.regex import regex

_SAYS = (
    r"wrote|writes|schrieb|a écrit|said|skrev|schreef|escribió|escreveu|ha scritto"
    r"|napisał(?:\(a\))?|пишет|写道|寫道"
)
_END = regex(rf"(?:{_SAYS})\s?(?:[:\uff1a]|\.{{3}})?\s*$")
_NAME_LAST = regex(r"(?:schrieb|skrev|schreef) (\S.{0,150}):\s*$")
_START = regex(
    r"\s*\W?(?:On|Am|Le|Op|Den|El|Em|Il|W dniu|在|At|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?) "
)
_STARRED = regex(r"\* (\S.{0,150}?) \[[^\]]{4,40}\]:?\s*$")
_QUOTING = regex(r"Quoting (\S.{0,150}?) \([^)]{4,40}\)[:.]?\s*$")
_EXCERPTS = regex(r"Excerpts from (\S.{0,150}?)['\u2019]s? message of \S.{4,60}:\s*$")
_WHOLE_FORMS = (_STARRED, _QUOTING, _EXCERPTS)
_ENDINGS = (":", "\uff1a", "...", "wrote", "writes", ")", "]")
_WHEN = regex(
    r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?|[+-]\d{4}\b|\b\d{4}-\d{1,2}-\d{1,2}"
    r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}|\b(?:19|20)\d{2}\b|\((?:[A-Z]{2,5}|GMT[+-]\d{1,2})\)"
)
# A sentence of somebody who tells what was said: "as you wrote:", "On the other hand, he wrote:".
_NO_NAME = regex(
    r"(?:^|\W)(?:I|you|he|she|they|we|it|one|who|somebody|someone|the|spec|manual|as|like)\s*$"
    r"|^(?:As|Like|What|When|Hi|Hello|Dear|Earlier|Before|Because|Since|In|The|That)\b",
    re.IGNORECASE,
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
        line = lines[at + count - 1].strip()
        if not line:
            return None
        joined = f"{joined} {line}".strip()
        if named := _named(joined, wrapped=count > 1):
            return named, count
        if not _START.match(joined) and not _is_address_to_come(joined):
            return None
    return None


def _is_address_to_come(text: str) -> bool:
    """Tell a wrapped `Name <address>` whose verb stands on the next line."""
    return text.endswith(">") and len(text) < _LONGEST // 2 and " <" in text


def _named(text: str, *, wrapped: bool) -> Author | None:
    if len(text) > _LONGEST or not text.endswith(_ENDINGS):
        return None
    if whole := next((found for form in _WHOLE_FORMS if (found := form.match(text))), None):
        return _author(whole[1])
    if last := _NAME_LAST.search(text):
        return _author(last[1])
    end = _END.search(text)
    if end is None or (wrapped and not (_START.match(text) or "<" in text)):
        return None
    name = _after_date(text[: end.start()])
    bare = "<" not in name and "@" not in name
    return None if bare and _NO_NAME.search(name) else _author(name)


def _author(text: str) -> Author:
    return parse_author(text.replace("(<", "<").replace(">)", ">"))


def _after_date(text: str) -> str:
    """Give what follows the last word of a date; addresses may hold digits and are no date."""
    head = text.partition("<")[0]
    ends = [found.end() for found in _WHEN.finditer(head)]
    start = ends[-1] if ends else 0
    return text[start:].strip(" ,;:*\t-")
