"""How web archives lay a mail out as text: one function a layout, each finds where mails start."""

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from tdxreview.mail.date import MONTHS, parse_date
from tdxreview.mail.header import Fields, message_ids, parse_author
from tdxreview.mail.message import Author
from tdxreview.regex import regex


class Found(Struct, frozen=True):
    """Where one mail starts, its first body line (both 0-based), and what the page says of it."""

    start: int
    body: int
    subject: str
    author: Author
    date: datetime | None
    message_id: str = ""
    in_reply_to: str = ""


_HYPERMAIL_DATE = regex(
    r"Date: (?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) +(\d{1,2}) +(\d{4})"
    r" - (\d{1,2}:\d{2}:\d{2}) ([A-Z]{1,5})\s*$"
)
# The archive labels all times so, in summer too: they are local times of the US east coast.
_EAST = {"EST": "America/New_York", "EDT": "America/New_York"}
_LORE_FROM = regex(r"From: (.{1,200}?) @ (\d{4})-(\d{2})-(\d{2}) +(\d{1,2}:\d{2}) UTC")
_LORE_OWN_ID = regex(r"Message-ID: +<[^>\s]{1,500}> \(raw\)\s*$", re.IGNORECASE)
_HEADER = regex(
    r"(From|To|Cc|Subject|Date|Message-ID|In-Reply-To|References|Reply-To):[ \t]+(.*)$",
    re.IGNORECASE,
)
_OPENWALL = regex(r"\[<prev\]|\[next>\]|\[<thread-prev\]|\[thread-next>\]")
_PIPERMAIL_NAME = regex(r"(.{0,100}?)\s*(\S{1,100} at \S{1,100})\s*$")
_PIPERMAIL_DATE = regex(
    r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2} [A-Z]{1,5} \d{4}\s*$"
)
_MHONARC = "[Date Prev]"
_MAIL_ARCHIVE = regex(r"(\d{4})-(\d{2})-(\d{2}) Thread (\S.{0,200})$")
_LONGEST_HEADER = 200


def hypermail(lines: list[str]) -> Iterator[Found]:
    """Find `subject`, `From: Name`, `Date: Wed Jun 07 2023 - 18:56:57 EST` (lkml.iu.edu)."""
    for at, line in enumerate(lines):
        found = _HYPERMAIL_DATE.match(line) if line.startswith("Date: ") else None
        if found is None:
            continue
        sent_by = _line_above(lines, at)
        subject = _line_above(lines, sent_by)
        if subject < 0 or not lines[sent_by].startswith("From: "):
            continue
        author = parse_author(lines[sent_by].removeprefix("From: "))
        month, day, year, clock, zone = found.groups()
        date = _eastern(f"{day} {month} {year} {clock}", zone)
        yield Found(subject, at + 1, _title(lines[subject]), author, date)


def lore_thread(lines: list[str]) -> Iterator[Found]:
    """Find the mails of a whole thread's page (/T/ of public-inbox)."""
    subject = ""
    start = 0
    for at, line in enumerate(lines):
        if line.startswith("* "):
            subject, start = line[2:].strip(), at
        elif found := _LORE_FROM.match(line):
            name, year, month, day, clock = found.groups()
            date = _day(year, month, day, clock)
            yield Found(start, _below_addresses(lines, at), subject, Author(name.strip(), ""), date)
            start = at + 1


def lore_page(lines: list[str]) -> Iterator[Found]:
    """Find the mail of a message's page of public-inbox, told by `Message-ID: <...> (raw)`."""
    own = [at for at, line in enumerate(lines) if _LORE_OWN_ID.match(line)]
    floor = 0
    for at in own:
        near = range(at, max(floor, at - _LONGEST_HEADER) - 1, -1)
        start = next((each for each in near if lines[each].startswith("From: ")), -1)
        if start >= 0 and (found := _headers(lines, start)):
            yield found
            floor = at + 1


def openwall(lines: list[str]) -> Iterator[Found]:
    """Find the mail below a line of links (lists.openwall.net)."""
    for at, line in enumerate(lines):
        if _OPENWALL.match(line.lstrip()):
            near = range(at + 1, min(at + 4, len(lines)))
            start = next((each for each in near if lines[each].strip()), -1)
            if start >= 0 and (found := _headers(lines, start)):
                yield found


def pipermail(lines: list[str]) -> Iterator[Found]:
    """Find `subject`, `Name name at host`, `Wed May 10 16:02:34 PDT 2023`."""
    for at in range(2, len(lines)):
        found = _PIPERMAIL_NAME.match(lines[at - 1]) if _PIPERMAIL_DATE.match(lines[at]) else None
        subject = _line_above(lines, at - 1) if found else -1
        if found and subject >= 0:
            author = Author(found[1].strip(), found[2].replace(" at ", "@"))
            date = parse_date(lines[at])
            yield Found(subject, at + 1, _title(lines[subject]), author, date)


def mail_archive(lines: list[str]) -> Iterator[Found]:
    """Find `subject`, `2016-09-12 Thread Name` (mail-archive.com), whose date has no time."""
    for at, line in enumerate(lines):
        found = _MAIL_ARCHIVE.match(line)
        subject = _line_above(lines, at) if found else -1
        if found and subject >= 0:
            date = _day(found[1], found[2], found[3], "00:00")
            author = Author(found[4].strip(), "")
            yield Found(subject, at + 1, _title(lines[subject]), author, date)


def mhonarc(lines: list[str]) -> Iterator[Found]:
    """Find the mail below `[Date Prev][Date Next]` (spinics); its text names no author."""
    for at, line in enumerate(lines):
        subject = _line_above(lines, at) if line.startswith(_MHONARC) else -1
        if subject >= 0:
            yield Found(subject, at + 1, _title(lines[subject]), Author("", ""), None)


def _line_above(lines: list[str], at: int) -> int:
    """Give the nearest line above that is not blank, -1 if it is more than four lines off."""
    above = range(at - 1, max(-1, at - 6), -1)
    return next((each for each in above if lines[each].strip()), -1)


def _title(line: str) -> str:
    return line.strip().removeprefix("Subject: ")


def _eastern(moment: str, zone: str) -> datetime | None:
    date = parse_date(f"{moment} +0000")
    if date is None or zone not in _EAST:
        return parse_date(f"{moment} {zone}")
    return date.replace(tzinfo=ZoneInfo(_EAST[zone])).astimezone(date.tzinfo)


def _day(year: str, month: str, day: str, clock: str) -> datetime | None:
    return parse_date(f"{day} {MONTHS[min(int(month), 12) - 1]} {year} {clock} +0000")


def _below_addresses(lines: list[str], at: int) -> int:
    at += 1
    while at < len(lines) and lines[at].lstrip().startswith(("To:", "Cc:")):
        at += 1
    return at


def _headers(lines: list[str], start: int) -> Found | None:
    """Read the header lines that a page shows.

    Their folds may have lost their indentation, and the blank line below them may be lost, too:
    a line that is no field continues a list of addresses, and else begins the body.
    """
    items: list[tuple[str, str]] = []
    at = start
    while at < min(len(lines), start + _LONGEST_HEADER) and lines[at].strip():
        if found := _HEADER.match(lines[at]):
            items.append((found[1], found[2].replace("[thread overview]", "").strip()))
        elif items and (lines[at][0] in " \t" or items[-1][0].lower() in {"to", "cc"}):
            items[-1] = (items[-1][0], f"{items[-1][1]} {lines[at].strip()}")
        else:
            break
        at += 1
    fields = Fields(tuple(items))
    if not (fields.get("from") and fields.get("subject") and fields.get("date")):
        return None
    own = message_ids(fields.get("message-id"))
    answered = message_ids(fields.get("in-reply-to"))
    author = parse_author(fields.get("from"))
    date = parse_date(fields.get("date"))
    found_ids = (own[0] if own else "", answered[0] if answered else "")
    return Found(start, at, fields.get("subject"), author, date, *found_ids)
