"""A patch mail taken apart: who wrote it, its commit message, its notes, and its diff."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.mail.date import parse_date
from tdxreview.mail.diffspan import Span, find_diffs
from tdxreview.mail.header import Fields, parse_author, split_mail
from tdxreview.mail.message import Author, Message, Part
from tdxreview.mail.subject import Subject, parse_subject
from tdxreview.mail.topposted import outlook_start
from tdxreview.regex import regex

_SCISSORS = regex(r"\s{0,20}(?:-[- ]{0,80}(?:>8|8<|>%|%<)|(?:>8|8<|>%|%<)[ -]{0,5}--)")
_IN_BODY = regex(r"(From|Subject|Date|Cc|To|Author|Message-Id):[ \t]+(\S.{0,500})$", re.IGNORECASE)
_GIT_LINE = regex(r"From [0-9a-f]{40} ")
_HEADER = regex(r"(?:From|Subject|Date|Message-ID|MIME-Version|To): ", re.IGNORECASE)


class Content(Struct, frozen=True, kw_only=True):
    """One patch as one mail, or one attachment of it, holds it.

    `diff_line` is 1-based in the body, or in the text of the attachment with index `part`.
    """

    subject: Subject
    author: Author
    date: datetime | None
    text: str
    notes: str
    diff: str
    diff_line: int
    part: int | None = None


def contents(message: Message) -> tuple[Content, ...]:
    """Give the patches of a mail: the one in its body, or else those attached to it.

    A diff below the header block of a top-posted mail is somebody else's, and not given.
    """
    subject = parse_subject(message.subject)
    lines = message.body.split("\n")
    span = applied_span(lines)
    if span is not None:
        below = outlook_start(lines[: span.start])
        return () if below is not None else (_content(message, subject, lines, span),)
    return tuple(_attached(message, subject))


def applied_span(lines: Sequence[str]) -> Span | None:
    """Give what `git am` takes for the patch: from the first diff to the last, None without one.

    What stands between two diffs, such as a signature, is passed over by git (git-mailinfo(1)).
    What follows below the header block of a forwarded mail is somebody else's.
    """
    spans = find_diffs(lines)
    if not spans:
        return None
    last = spans[0]
    for span in spans[1:]:
        if outlook_start(lines[last.end : span.start]) is not None:
            break
        last = span
    return Span(spans[0].start, last.end)


def _content(
    message: Message,
    subject: Subject,
    lines: Sequence[str],
    span: Span,
    *,
    part: int | None = None,
) -> Content:
    above, fields = _without_in_body_headers(_below_scissors(lines[: span.start]))
    text, notes = _split_notes(above)
    if not message.headers:
        text = text.removeprefix(message.subject).lstrip("\n")
    author = parse_author(fields.get("from") or fields.get("author"))
    title = fields.get("subject")
    return Content(
        subject=_retitled(subject, title) if title else subject,
        author=author if author.address else message.author,
        date=parse_date(fields.get("date")) or message.date,
        text=text,
        notes=notes,
        diff="\n".join(lines[span.start : span.end]) + "\n",
        diff_line=span.start + 1,
        part=part,
    )


def _retitled(subject: Subject, title: str) -> Subject:
    """Take the title of an in-body Subject; the counter stays that of the mail."""
    own = parse_subject(title)
    if own.number is not None or subject.number is None:
        return own
    return replace(subject, title=own.title)


def _below_scissors(lines: Sequence[str]) -> Sequence[str]:
    cuts = [at for at, line in enumerate(lines) if _SCISSORS.match(line)]
    return lines[cuts[-1] + 1 :] if cuts else lines


def _without_in_body_headers(lines: Sequence[str]) -> tuple[Sequence[str], Fields]:
    """Split the headers that stand first in a body from the commit message below them."""
    at = next((each for each, line in enumerate(lines) if line.strip()), len(lines))
    items: list[tuple[str, str]] = []
    while at < len(lines) and lines[at].strip():
        found = _IN_BODY.match(lines[at])
        if found:
            items.append((found[1], found[2].strip()))
        elif items and lines[at][0] in " \t":
            items[-1] = (items[-1][0], f"{items[-1][1]} {lines[at].strip()}")
        else:
            break
        at += 1
    return (lines[at:] if items else lines), Fields(tuple(items))


def _split_notes(lines: Sequence[str]) -> tuple[str, str]:
    cut = next((at for at, line in enumerate(lines) if line.rstrip() == "---"), len(lines))
    return "\n".join(lines[:cut]).strip("\n"), "\n".join(lines[cut + 1 :]).strip("\n")


def _attached(message: Message, subject: Subject) -> Iterator[Content]:
    for index, part in enumerate(message.parts):
        lines = part.text.split("\n")
        span = applied_span(lines)
        if span is None:
            continue
        if _is_whole_mail(part, lines):
            yield _own_mail(message, subject, lines, span, part=index)
        else:
            whole = (*message.body.split("\n"), "---", *lines[: span.start])
            content = _content(message, subject, lines, span, part=index)
            text, notes = _split_notes(whole)
            yield replace(content, text=text, notes=notes)


def _is_whole_mail(part: Part, lines: Sequence[str]) -> bool:
    first = bool(_GIT_LINE.match(lines[0]))
    head = lines[first : first + 20]
    starts = bool(head) and _HEADER.match(head[0]) is not None
    return starts and (first or part.content_type == "message/rfc822" or _has_subject(head))


def _has_subject(head: Sequence[str]) -> bool:
    return any(line.startswith("Subject: ") for line in head)


def _own_mail(
    message: Message, subject: Subject, lines: Sequence[str], span: Span, *, part: int
) -> Content:
    """Read an attached format-patch: its own headers win, and the mail's text becomes a note."""
    above = lines[1 if _GIT_LINE.match(lines[0]) else 0 : span.start]
    fields, body = split_mail("\n".join(above).encode("utf-8", "replace"))
    rest, in_body = _without_in_body_headers(body.decode("utf-8").split("\n"))
    author = parse_author(in_body.get("from") or fields.get("from"))
    text, notes = _split_notes(rest)
    title = fields.get("subject")
    return Content(
        subject=_retitled(subject, title) if title else subject,
        author=author if author.address else message.author,
        date=parse_date(fields.get("date")) or message.date,
        text=text,
        notes="\n\n".join(each for each in (message.body.strip("\n"), notes) if each),
        diff="\n".join(lines[span.start : span.end]) + "\n",
        diff_line=span.start + 1,
        part=part,
    )
