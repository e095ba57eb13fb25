"""Which quoted text is the patch's own: how deep it stands, and which part each line is.

Patch text is never a remark, at whatever depth it stands.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from tdxreview.mail.message import Message
from tdxreview.mail.subject import Subject, SubjectKind, parse_subject
from tdxreview.regex import regex
from tdxreview.talk.voices import Role, Spoken, SpokenLine

_FILE = regex(r"(?:.*\s)?diff --git(?:\s+a/(\S+))?|\+\+\+\s+(?:[ab]/)?(\S+)|---\s+(?:[ab]/)(\S+)")
_SURE = regex(r"(?:diff --git |@@ -\d|\+\+\+ \S|--- [ab]/|index [0-9a-f]{7,}\.\.)")
_CHANGED = regex(r"\+(?!1\b)\S|[+-](?:\t|\s{1,}\S|[^\s\w+-]|\w[\w\s*]*[(;={]|#)|[+-]\s*$")
_TRAILER = regex(
    r"\s*(?:Signed-off-by|Reviewed-by|Acked-by|Tested-by|Fixes|Cc|Link|Co-developed-by|Suggested-by|Reported-by|Closes)\s?:",
    re.IGNORECASE,
)
_STAT = regex(
    r"\s*\S+\s+\|\s+(?:\d+|Bin)\b|\s*\d+ files? changed\b|\s*(?:create|delete|rename) mode\b"
)
_DASHES = regex(r"---\s*$")
_DEV_NULL = "/dev/null"


class Part(StrEnum):
    """Which part of a patch mail a quoted line belongs to."""

    MESSAGE = "message"
    TRAILER = "trailer"
    NOTES = "notes"
    DIFF = "diff"


class PatchLine(Struct, frozen=True):
    """A quoted line of the patch, with the file that the quote names above it."""

    number: int
    text: str
    part: Part
    path: str | None


def patch_depth(mail: Spoken, ancestors: Sequence[Message]) -> int | None:
    """Give the depth at which the patch itself is quoted, None if the mail does not quote it.

    In this order: the mail that it answers, diff marks, the number of references, and last the
    deepest level.
    """
    for depth, ancestor in enumerate(ancestors, start=1):
        subject = parse_subject(ancestor.subject)
        if not (subject.reply or subject.forward):
            return depth if depth <= mail.deepest else None
    if marked := _marked_depth(mail):
        return marked
    counted = _counted_depth(mail.message)
    if counted is not None and not ancestors:
        return counted if counted <= mail.deepest else None
    return mail.deepest or None


def _marked_depth(mail: Spoken) -> int:
    """Give the deepest level with lines that only a patch has, 0 if none has."""
    quoted = [line for line in mail.lines if line.depth and line.role is Role.WORDS]
    for form in (_SURE, _CHANGED, _TRAILER):
        depths = [line.depth for line in quoted if form.match(line.text)]
        if depths:
            return max(depths)
    return 0


def _counted_depth(message: Message) -> int | None:
    """Count the mails between this one and the patch by its References (RFC 5322 3.6.4)."""
    subject = parse_subject(message.subject)
    if not message.references or subject.kind is not SubjectKind.PATCH:
        return None
    below_cover = _is_below_cover(subject) and len(message.references) > 1
    return len(message.references) - below_cover


def _is_below_cover(subject: Subject) -> bool:
    return subject.number is not None and subject.number > 0 and (subject.total or 1) > 1


def is_patch_mark(text: str) -> bool:
    """Tell a line that only a patch has: a header, a changed line, a trailer, a diffstat."""
    forms = (_SURE, _CHANGED, _TRAILER, _STAT, _DASHES)
    return any(form.match(text) for form in forms)


def patch_lines(lines: Sequence[SpokenLine], depth: int) -> tuple[PatchLine, ...]:
    """Give the quoted lines of the patch, each with the part of it that it belongs to."""
    found: list[PatchLine] = []
    part, path = Part.MESSAGE, None
    for line in lines:
        if line.depth < depth or line.role is not Role.WORDS:
            continue
        named = _FILE.match(line.text)
        part = _next_part(part, line.text)
        if named:
            named_path = named[2] or named[1] or named[3]
            path = named_path if named_path and named_path != _DEV_NULL else path
        own = Part.TRAILER if part is Part.MESSAGE and _TRAILER.match(line.text) else part
        found.append(PatchLine(line.number, line.text, own, path))
    return tuple(found)


def _next_part(part: Part, text: str) -> Part:
    if _SURE.match(text) or (part is not Part.NOTES and _CHANGED.match(text)):
        return Part.DIFF
    if part is Part.NOTES and text.startswith("+") and _CHANGED.match(text):
        return Part.DIFF
    if part is not Part.DIFF and (_DASHES.match(text) or _STAT.match(text)):
        return Part.NOTES
    return part
