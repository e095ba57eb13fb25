"""Mail that quotes below its own text without any mark, as Outlook does."""

import re
from collections.abc import Sequence

from msgspec import Struct

from tdxreview.mail.header import parse_author
from tdxreview.mail.message import Author
from tdxreview.regex import regex

_OUTLOOK = regex(r"-{3,}\s?(?:Original Message|Original Appointment|Forwarded)", re.IGNORECASE)
_RULE = regex(r"[_-]{10,}\s*$")
_FROM = regex(r"\*?(?:From|Von|De|Da|发件人)\s?[:\uff1a]\*? (\S.*)")
_SENT = regex(r"\*?(?:Sent|Date|Gesendet|Envoyé|Datum|发送时间|日期)\s?[:\uff1a]")
_TO = regex(r"\*?(?:To|An|À|Cc|收件人)\s?[:\uff1a]")
_SUBJECT = regex(r"\*?(?:Subject|Betreff|Objet|主题)\s?[:\uff1a]")
_HEADER_LINES = 8
_MOST_BLOCKS = 20


class HeaderBlock(Struct, frozen=True):
    """The block above an unmarked original: lines `start` to `end` (0-based, not included)."""

    start: int
    end: int
    author: Author | None


def outlook_start(lines: Sequence[str]) -> int | None:
    """Give the line (0-based) where a top-posted original starts, None if there is none."""
    blocks = header_blocks(lines)
    return blocks[0].start if blocks else None


def header_blocks(lines: Sequence[str]) -> tuple[HeaderBlock, ...]:
    """Give every block of `From: Sent: To: Subject:` that begins an unmarked original."""
    found: list[HeaderBlock] = []
    at = 0
    while at < len(lines) and len(found) < _MOST_BLOCKS:
        block = _block(lines, at)
        if block:
            found.append(block)
        at = block.end if block else at + 1
    return tuple(found)


def _block(lines: Sequence[str], at: int) -> HeaderBlock | None:
    line = lines[at]
    if _OUTLOOK.match(line):
        top = next((n for n in range(at + 1, min(at + 3, len(lines))) if lines[n].strip()), at)
        return _whole(lines, at, top)
    if at and _FROM.match(line) and _is_header_block(lines, at):
        above = lines[at - 1]
        return _whole(lines, at - 1 if _RULE.match(above) else at, at)
    return None


def _whole(lines: Sequence[str], start: int, top: int) -> HeaderBlock:
    end = top
    while end < min(top + _HEADER_LINES, len(lines)) and lines[end].strip():
        end += 1
    named = _FROM.match(lines[top])
    return HeaderBlock(start, max(end, start + 1), parse_author(named[1]) if named else None)


def _is_header_block(lines: Sequence[str], at: int) -> bool:
    """Tell the block `From: Sent: To: Subject:` from a patch's own in-body From."""
    block = lines[at : at + _HEADER_LINES]
    return all(any(form.match(line) for line in block) for form in (_SENT, _TO, _SUBJECT))
