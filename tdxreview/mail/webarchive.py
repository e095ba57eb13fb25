"""Mails as text copied from web archives: no peer reads it, and it is damaged in known ways.

White space is not to be trusted there, so every message is `lossy`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tdxreview.mail.date import MONTHS, parse_date
from tdxreview.mail.header import Fields, message_ids, parse_author
from tdxreview.mail.message import Author, Message
from tdxreview.mail.mime import made_id

_HYPERMAIL_DATE = re.compile(
    r"Date: (?:[A-Z][a-z]{2} )?([A-Z][a-z]{2} +\d{1,2} +\d{4})"
    r" - (\d{1,2}:\d{2}:\d{2}) ([A-Z]{1,5})\s*$"
)
_LORE_FROM = re.compile(r"From: (.{1,200}?) @ (\d{4}-\d{2}-\d{2}) +(\d{1,2}:\d{2}) UTC")
_LORE_HEADER = re.compile(r"(From|To|Cc|Subject|Date|Message-ID|In-Reply-To|References): +(.*)$")
_OPENWALL = re.compile(r"\[<prev\]|\[next>\]|\[<thread-prev\]|\[thread-next>\]")
_PIPERMAIL_NAME = re.compile(r"(.{0,100}?)\s*(\S{1,100} at \S{1,100})\s*$")
_PIPERMAIL_DATE = re.compile(
    r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2} [A-Z]{1,5} \d{4}\s*$"
)
_LINKS = re.compile(
    r"(?:(?:Next|Previous)(?: message| in thread)?(?: \(by (?:thread|date)\))?:"
    r"|Maybe in reply to:|In reply to:|Reply:|Messages sorted by:|Contemporary messages sorted"
    r"|More information about the |\^ permalink raw reply|Powered by blists|\[ date \]"
    r"|next prev parent reply|\d+ siblings)"
)
# The archive labels all times so, in summer too: they are local times of the US east coast.
_EAST = {"EST": "America/New_York", "EDT": "America/New_York"}


@dataclass(frozen=True, slots=True)
class _Found:
    """Where one message starts, what its page says of it, and its first body line."""

    start: int
    body: int
    subject: str
    author: Author
    date: datetime | None
    message_id: str = ""
    in_reply_to: str = ""


def read_web_text(text: str, name: str) -> tuple[Message, ...]:
    """Give the messages of a web page's text, none if no known archive's layout is in it.

    Known are hypermail (lkml.iu.edu), the pages of public-inbox (lore), openwall and pipermail.
    A message without an id gets one made from its content.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    layouts: tuple[Callable[[list[str]], Iterator[_Found]], ...]
    layouts = (_hypermail, _lore_thread, _lore_page, _openwall, _pipermail)
    for layout in layouts:
        if found := list(layout(lines)):
            ends = [each.start for each in found[1:]] + [len(lines)]
            return tuple(
                _message(each, lines[each.body : end], f"{name}:{each.start + 1}")
                for each, end in zip(found, ends, strict=True)
            )
    return ()


def _message(found: _Found, lines: list[str], origin: str) -> Message:
    body = "\n".join(_without_links(lines))
    stamp = found.date.isoformat() if found.date else ""
    return Message(
        message_id=found.message_id or made_id(found.subject, str(found.author), stamp, body),
        has_own_id=bool(found.message_id),
        author=found.author,
        date=found.date,
        subject=found.subject,
        in_reply_to=found.in_reply_to or None,
        body=body,
        lossy=True,
        origin=origin,
    )


def _without_links(lines: list[str]) -> list[str]:
    """Cut the archive's own links: above the text, and from the first one below it."""
    start = 0
    while start < len(lines) and (not lines[start].strip() or _is_link(lines[start])):
        start += 1
    end = next((at for at in range(start, len(lines)) if _is_link(lines[at])), len(lines))
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]


def _is_link(line: str) -> bool:
    return _LINKS.match(line.lstrip(" *\t")) is not None


def _hypermail(lines: list[str]) -> Iterator[_Found]:
    for at, line in enumerate(lines):
        found = _HYPERMAIL_DATE.match(line) if line.startswith("Date: ") else None
        if found is None:
            continue
        sent_by = _line_above(lines, at)
        subject = _line_above(lines, sent_by)
        if subject < 0 or not lines[sent_by].startswith("From: "):
            continue
        author = parse_author(lines[sent_by].removeprefix("From: "))
        yield _Found(subject, at + 1, _title(lines[subject]), author, _east(*found.groups()))


def _line_above(lines: list[str], at: int) -> int:
    """Give the nearest line above that is not blank, -1 if it is more than three lines off."""
    above = range(at - 1, max(-1, at - 5), -1)
    return next((each for each in above if lines[each].strip()), -1)


def _title(line: str) -> str:
    return line.strip().removeprefix("Subject: ")


def _east(day: str, clock: str, zone: str) -> datetime | None:
    if zone not in _EAST:
        return parse_date(f"{day.replace('  ', ' ')} {clock} {zone}") or _moment(day, clock)
    naive = _moment(day, clock)
    if naive is None:
        return None
    local = naive.replace(tzinfo=ZoneInfo(_EAST[zone]))
    return local.astimezone(naive.tzinfo)


def _moment(day: str, clock: str) -> datetime | None:
    month, number, year = day.split()
    return parse_date(f"{number} {month} {year} {clock} +0000")


def _lore_thread(lines: list[str]) -> Iterator[_Found]:
    subject = ""
    start = 0
    for at, line in enumerate(lines):
        if line.startswith("* "):
            subject, start = line[2:].strip(), at
        elif found := _LORE_FROM.match(line):
            date = parse_date(" ".join((_rfc_day(found[2]), found[3], "+0000")))
            body = _after_addresses(lines, at + 1)
            yield _Found(max(start, 0), body, subject, Author(found[1].strip(), ""), date)


def _rfc_day(day: str) -> str:
    year, month, number = day.split("-")
    return f"{number} {MONTHS[min(int(month), 12) - 1]} {year}"


def _after_addresses(lines: list[str], at: int) -> int:
    while at < len(lines) and lines[at].lstrip().startswith(("To:", "Cc:")):
        at += 1
    return at


def _lore_page(lines: list[str]) -> Iterator[_Found]:
    if not any("archive mirror" in line or "[thread overview]" in line for line in lines[:60]):
        return
    for at, line in enumerate(lines):
        if line.startswith("From: ") and (found := _headers(lines, at)):
            yield found


def _openwall(lines: list[str]) -> Iterator[_Found]:
    for at, line in enumerate(lines):
        if _OPENWALL.match(line.lstrip()):
            near = range(at + 1, min(at + 4, len(lines)))
            start = next((each for each in near if lines[each].strip()), at)
            if start != at and (found := _headers(lines, start)):
                yield found


def _headers(lines: list[str], start: int) -> _Found | None:
    """Read the header lines that a page shows, up to the first blank line."""
    items: list[tuple[str, str]] = []
    at = start
    while at < min(len(lines), start + 200) and lines[at].strip():
        if found := _LORE_HEADER.match(lines[at]):
            items.append((found[1], found[2].replace("[thread overview]", "").strip()))
        at += 1
    fields = Fields(tuple(items))
    if not (fields.get("from") and fields.get("subject") and fields.get("date")):
        return None
    own = message_ids(fields.get("message-id"))
    answered = message_ids(fields.get("in-reply-to"))
    return _Found(
        start,
        at + 1,
        fields.get("subject"),
        parse_author(fields.get("from")),
        parse_date(fields.get("date")),
        own[0] if own else "",
        answered[0] if answered else "",
    )


def _pipermail(lines: list[str]) -> Iterator[_Found]:
    for at in range(2, len(lines)):
        if not _PIPERMAIL_DATE.match(lines[at]):
            continue
        found = _PIPERMAIL_NAME.match(lines[at - 1])
        if found is None:
            continue
        author = Author(found[1].strip(), found[2].replace(" at ", "@"))
        yield _Found(at - 2, at + 1, lines[at - 2].strip(), author, parse_date(lines[at]))
