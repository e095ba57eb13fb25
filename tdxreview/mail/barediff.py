"""Patches that came without a mail: a bare diff, a quilt patch, and what `git show` prints."""

import re
from pathlib import PurePath

from tdxreview.mail.date import parse_date
from tdxreview.mail.diffspan import find_diff
from tdxreview.mail.header import parse_author
from tdxreview.mail.message import Author, Message
from tdxreview.mail.mime import made_id
from tdxreview.regex import regex

_COMMIT = regex(r"^commit ([0-9a-f]{7,64})\b[^\n]{0,300}$", re.MULTILINE)
_FIELD = regex(r"(Author|AuthorDate|Date|Merge|Commit|CommitDate): +(.*)$")
_SUFFIXES = regex(r"(?:\.(?:gz|patch|diff|txt))+$")
_NUMBER = regex(r"^(?:v\d+-)?\d{1,6}-")


def looks_like_commits(text: str) -> bool:
    """Tell the output of `git show` or `git log -p` by its first line."""
    return _COMMIT.match(text) is not None


def read_bare_diff(text: str, name: str) -> tuple[Message, ...]:
    """Give the one message that a diff without any mail header stands for; none without a diff.

    Free text above the diff is its commit message, and its first line the subject.
    """
    lines = text.split("\n")
    span = find_diff(lines)
    if span is None:
        return ()
    above = [line for line in lines[: span.start] if line.strip()]
    return (
        Message(
            message_id=made_id(text),
            has_own_id=False,
            author=Author("", ""),
            date=None,
            subject=above[0].strip() if above else _subject_from(name),
            body=text,
            origin=name,
        ),
    )


def read_commits(text: str, name: str) -> tuple[Message, ...]:
    """Give one message for each commit of `git show` or `git log -p`, oldest first."""
    starts = list(_COMMIT.finditer(text))
    ends = [found.start() for found in starts[1:]] + [len(text)]
    messages = [
        _commit(found[1], text[found.end() + 1 : end].split("\n"), name)
        for found, end in zip(starts, ends, strict=True)
    ]
    return tuple(reversed(messages))


def _commit(commit: str, lines: list[str], name: str) -> Message:
    fields: dict[str, str] = {}
    at = 0
    while at < len(lines) and (found := _FIELD.match(lines[at])):
        fields[found[1]] = found[2]
        at += 1
    body = [line.removeprefix("    ") for line in lines[at:]]
    text = [line for line in body if line.strip()]
    return Message(
        message_id=made_id(commit),
        has_own_id=False,
        author=parse_author(fields.get("Author", "")),
        date=parse_date(fields.get("Date") or fields.get("AuthorDate", "")),
        subject=text[0].strip() if text else commit,
        body="\n".join(_without_subject(lines[at:])),
        origin=f"{name}, commit {commit[:12]}",
        commit=commit,
    )


def _without_subject(lines: list[str]) -> list[str]:
    """Give the message text and the diff: the text is indented by four, the diff is not."""
    span = find_diff(lines)
    start = span.start if span else len(lines)
    text = [line.removeprefix("    ") for line in lines[:start]]
    first = next((at for at, line in enumerate(text) if line.strip()), len(text))
    return text[first + 1 :] + lines[start:]


def _subject_from(name: str) -> str:
    stem = _SUFFIXES.sub("", PurePath(name).name)
    return _NUMBER.sub("", stem) or stem
