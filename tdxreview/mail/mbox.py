"""Mailbox files: where one mail ends and the next begins, and `>From ` undone."""

import re

from msgspec import Struct

from tdxreview.regex import regex

# The separator names a sender and a date; a sentence that begins with "From " has no such date.
# What follows it is a header field, as it is in every kind of mbox.
_DATED = rb"From \S+ [^\n]{0,80}?\d\d:\d\d:\d\d[^\n]{0,40}?\d{4}[^\n]{0,20}\n"
_FIELD = rb"(?=>?[A-Za-z0-9][A-Za-z0-9_.-]{0,75}[ \t]{0,10}:)"
# Tools that write a mailbox by hand leave the date out (`From A`): then an empty line stands
# above and fields that every mail has follow.
_TELLING = (
    rb"(?=(?i:From|Date|Message-ID|Subject|Received|Return-Path|To):[^\n]*\n[A-Za-z-]{1,40}:)"
)
_UNDATED = rb"From [^\n]{0,100}\n" + _TELLING
_SEPARATOR = regex(
    rb"^" + _DATED + _FIELD + rb"|(?:\A|(?<=\n\n))" + _UNDATED,
    re.MULTILINE,
)
_FIRST = regex(rb"From \S+ [^\n]{0,80}\d\d:\d\d:\d\d[^\n]{0,60}\n|" + _UNDATED)
_ESCAPED = regex(rb"^>(>*From )", re.MULTILINE)
_GIT = regex(rb"From ([0-9a-f]{40,64}) Mon Sep 17 00:00:00 2001")


class BoxedMail(Struct, frozen=True):
    """One mail of a mailbox, and the commit that `git format-patch` made it from."""

    raw: bytes
    commit: str | None = None


def is_mbox(raw: bytes) -> bool:
    """Tell whether the bytes begin with a mailbox separator."""
    return _FIRST.match(raw) is not None


def split_mbox(raw: bytes) -> tuple[BoxedMail, ...]:
    """Give the mails of a mailbox (mboxrd, mboxo, mboxcl or `git format-patch --stdout`).

    `>From ` loses one `>` except in git's own mails, which are written without that escape. What
    stands before the first separator that a header follows comes first, as it is.
    """
    text = raw.replace(b"\r\n", b"\n") if raw[:500].count(b"\r\n") else raw
    found = list(_SEPARATOR.finditer(text))
    if not found:
        return (BoxedMail(text.partition(b"\n")[2]),)
    ends = [match.start() for match in found[1:]] + [len(text)]
    mails = (
        _boxed(text[match.end() : end], match[0]) for match, end in zip(found, ends, strict=True)
    )
    broken = text[: found[0].start()].partition(b"\n")[2]
    return (BoxedMail(broken), *mails) if broken.strip() else tuple(mails)


def _boxed(mail: bytes, separator: bytes) -> BoxedMail:
    if git := _GIT.match(separator):
        commit = git[1].decode("ascii")
        return BoxedMail(mail, commit if commit.strip("0") else None)
    return BoxedMail(_ESCAPED.sub(rb"\1", mail) if b"\n>" in mail else mail)
