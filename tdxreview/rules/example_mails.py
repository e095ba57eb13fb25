"""Examples that are mails: a series, its earlier revisions, and what was said about them.

Each mail begins with a line `From: NAME`, at the start or below an empty line; then come
`Subject:` and, where they are needed, `Id:` and `Answers:` (the id of another mail), an empty line
and the body. Each is sent an hour after the one before.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from tdxreview.mail.message import Author, Message
from tdxreview.regex import regex
from tdxreview.rules.model import Finding
from tdxreview.series.model import Patch, Series
from tdxreview.source.diff import split_diff

_FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_HEADER = regex(r"(From|Subject|Id|Answers):\s?(.*)$")


class ExampleMail(Struct, frozen=True):
    """A mail of an example; `subject_line` and `body_line` are 1-based lines of its text."""

    message: Message
    subject_line: int
    body_line: int


def read_mails(text: str) -> tuple[ExampleMail, ...]:
    """Give the mails of an example; ValueError with the reason if the text holds none."""
    lines = text.split("\n")
    starts = [at for at, line in enumerate(lines) if _starts_mail(lines, at, line)]
    if not starts:
        raise ValueError("a thread begins with a line `From: NAME`")
    ends = [*starts[1:], len(lines)]
    spans = zip(starts, ends, strict=True)
    return tuple(_mail(lines, start, end, at) for at, (start, end) in enumerate(spans))


def _starts_mail(lines: Sequence[str], at: int, line: str) -> bool:
    below_empty = at == 0 or not lines[at - 1].strip()
    return line.startswith("From: ") and below_empty and _has_subject(lines[at + 1 : at + 4])


def _has_subject(lines: Sequence[str]) -> bool:
    return any(line.startswith("Subject:") for line in lines)


def _mail(lines: Sequence[str], start: int, end: int, at: int) -> ExampleMail:
    fields: dict[str, tuple[str, int]] = {}
    body = start
    while body < end and (found := _HEADER.match(lines[body])):
        fields[found[1]] = (found[2].strip(), body + 1)
        body += 1
    name = fields["From"][0]
    subject, subject_line = fields["Subject"]
    answered = fields.get("Answers", ("", 0))[0]
    message = Message(
        message_id=_id(fields.get("Id", (f"mail-{at + 1}", 0))[0]),
        author=Author(name, f"{name.split()[0].lower()}@example.org"),
        date=_FIRST + timedelta(hours=at),
        subject=subject,
        in_reply_to=_id(answered) if answered else None,
        references=(_id(answered),) if answered else (),
        body="\n".join(lines[body + 1 : end]),
    )
    return ExampleMail(message, subject_line, body + 2)


def _id(name: str) -> str:
    return f"{name}@example.org"


def line_of(finding: Finding, series: Series, mails: Sequence[ExampleMail]) -> int:
    """Give the line of the example that a finding is about.

    That is the diff's line, or the subject of the patch, or that of the whole series.
    """
    patch = series.patches[finding.patch - 1] if finding.patch else None
    home = patch.message if patch else series.cover or series.patches[0].message
    mail = next(each for each in mails if each.message.message_id == home.message_id)
    if patch is None or finding.place is None:
        return mail.subject_line
    shown = _shown(patch, finding.place.path, finding.place.line)
    return next((mail.body_line - 1 + number for number in shown), mail.subject_line)


def _shown(patch: Patch, path: str, number: int) -> Iterator[int]:
    """Give the line of the mail's body that shows a line of the post-image."""
    for file in split_diff(patch.diff).files:
        for hunk in file.hunks if file.path == path else ():
            yield from (
                patch.body_line(line.diff_line) for line in hunk.lines if line.new == number
            )
