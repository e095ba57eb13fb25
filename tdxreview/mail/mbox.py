"""Mailbox files: where one mail ends and the next begins, and `>From ` undone."""

import re

# The separator names a sender and a date; a sentence that begins with "From " has no such date.
# What follows it is a header field, as it is in every kind of mbox.
_SEPARATOR = re.compile(
    rb"^From \S+ [^\n]{0,80}?\d\d:\d\d:\d\d[^\n]{0,40}?\d{4}[^\n]{0,20}\n"
    rb"(?=>?[A-Za-z0-9][A-Za-z0-9_.-]{0,75}[ \t]{0,10}:)",
    re.MULTILINE,
)
_FIRST = re.compile(rb"From \S+ [^\n]{0,80}\d\d:\d\d:\d\d[^\n]{0,60}\n")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_GIT_DATE = b"Mon Sep 17 00:00:00 2001"


def is_mbox(raw: bytes) -> bool:
    """Tell whether the bytes begin with a mailbox separator."""
    return _FIRST.match(raw) is not None


def split_mbox(raw: bytes) -> tuple[bytes, ...]:
    """Give the mails of a mailbox (mboxrd, mboxo, mboxcl or `git format-patch --stdout`).

    `>From ` loses one `>` except in git's own mails, which are written without that escape. What
    stands before the first separator that a header follows comes first, as it is.
    """
    text = raw.replace(b"\r\n", b"\n") if raw[:500].count(b"\r\n") else raw
    found = list(_SEPARATOR.finditer(text))
    if not found:
        return (text.partition(b"\n")[2],)
    ends = [match.start() for match in found[1:]] + [len(text)]
    mails = (
        _unescaped(text[match.end() : end], match[0])
        for match, end in zip(found, ends, strict=True)
    )
    broken = text[: found[0].start()].partition(b"\n")[2]
    return (broken, *mails) if broken.strip() else tuple(mails)


def _unescaped(mail: bytes, separator: bytes) -> bytes:
    if _GIT_DATE in separator or b"\n>" not in mail:
        return mail
    return _ESCAPED.sub(rb"\1", mail)
