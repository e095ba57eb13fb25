"""One mail's bytes to a message: the text that matters, and the attachments beside it."""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from tdxreview.mail.charset import text_of, undo_transfer
from tdxreview.mail.compressed import Allowance, InflateError, is_gzip
from tdxreview.mail.date import parse_date
from tdxreview.mail.diffspan import has_diff
from tdxreview.mail.flowed import unflow
from tdxreview.mail.header import Fields, content_type, message_ids, own_id, sender, split_mail
from tdxreview.mail.message import Message, Part
from tdxreview.regex import regex

DEEPEST = 20
MOST_PARTS = 500
_MOST_NAMES = 50
_MEDIA = ("image/", "audio/", "video/", "font/")
_PATCH_NAME = regex(r"\.(?:patch|diff|txt)(?:\.gz)?$", re.IGNORECASE)
_DIFF_IN_HTML = regex(r"diff --git a/|^(?:<[^<>]{1,200}>)*@@ -\d", re.MULTILINE)
_HTML_PATH = regex(r"diff --git (a/[^\s<&]+)")
_WIDE_DIFF = regex(rb"d\0i\0f\0f\0 \0-\0")
_UUENCODED = regex(r"^begin(?:-base64)? [0-7]{3,4} ([^\n]{1,200})\n[M!-`]", re.MULTILINE)
_ENCODINGS = frozenset({"", "7bit", "8bit", "binary", "quoted-printable", "base64"})
_ARCHIVES = regex(
    r"application/(?:zip|zstd|x-(?:tar|gtar|xz|bzip2|7z-compressed|compressed)"
    r"|(?:x-)?pkcs7-mime|pgp-encrypted)$"
)
_ARCHIVE_NAME = regex(r"\.(?:zip|7z|rar|xz|bz2|zst|lz4|tar(?:\.gz)?|tgz|tbz2?)$", re.IGNORECASE)
_PATCH_TYPES = ("text/x-patch", "text/x-diff", "application/x-patch", "application/x-diff")


class _Leaf(Struct, frozen=True):
    content_type: str
    name: str
    attached: bool
    text: str


def read_mail(raw: bytes, origin: str, allowance: Allowance) -> tuple[Message, tuple[str, ...]]:
    """Read one mail of any shape, with one sentence for each thing in it that was not read.

    `allowance` is what may be inflated of it, and of the mails that are read with it.
    """
    fields, content = split_mail(raw)
    leaves, problems = _all_leaves(fields, content, allowance)
    inline = _body_of(leaves)
    problems = (*problems, *_lost_in_html(leaves, inline))
    others = tuple(
        Part(name=leaf.name, content_type=leaf.content_type, text=leaf.text)
        for leaf in leaves
        if leaf is not inline and leaf.content_type != "text/html"
    )
    return _message(fields, inline.text if inline else "", others, origin), problems


def made_id(*pieces: str) -> str:
    """Make a message-id from content: equal content has an equal id on every machine."""
    digest = hashlib.sha256("\0".join(pieces).encode("utf-8", "replace")).hexdigest()
    return f"{digest[:24]}@made.from.content"


def date_of(fields: Fields) -> datetime | None:
    """Give the mail's date, or else that of its youngest Received field (RFC 5321 4.4)."""
    if found := parse_date(fields.get("date")):
        return found
    stamps = (value.rpartition(";")[2] for value in fields.all("received"))
    return next((date for stamp in stamps if (date := parse_date(stamp))), None)


def _message(fields: Fields, body: str, parts: tuple[Part, ...], origin: str) -> Message:
    answered = message_ids(fields.get("in-reply-to"))
    references = message_ids(fields.get("references"))
    own = own_id(fields)
    subject = " ".join(fields.get("subject").split())
    return Message(
        message_id=own or made_id(subject, fields.get("from"), fields.get("date"), body),
        has_own_id=bool(own),
        author=sender(fields),
        date=date_of(fields),
        subject=subject,
        in_reply_to=answered[0] if answered else None,
        references=references,
        headers=fields.items,
        body=body,
        parts=parts,
        origin=origin,
    )


def _body_of(leaves: tuple[_Leaf, ...]) -> _Leaf | None:
    inline = [leaf for leaf in leaves if not leaf.attached and leaf.content_type == "text/plain"]
    with_diff = (leaf for leaf in inline if has_diff(leaf.text))
    return next(with_diff, inline[0] if inline else None)


def _lost_in_html(leaves: tuple[_Leaf, ...], inline: _Leaf | None) -> Iterator[str]:
    """Say what only HTML holds; beside a plain text it says the same (RFC 2046 5.1.4)."""
    pages = [leaf for leaf in leaves if leaf.content_type == "text/html"]
    if pages and inline is None:
        yield "holds HTML only, no plain text; it was not read"
    elif any(map(_DIFF_IN_HTML.search, (leaf.text for leaf in pages))):
        plain = [leaf for leaf in leaves if leaf.content_type != "text/html"]
        text = "\n".join(leaf.text for leaf in plain)
        named = {path for page in pages for path in _HTML_PATH.findall(page.text)}
        if not has_diff(text) or any(path not in text for path in sorted(named)[:_MOST_NAMES]):
            yield "holds a diff in HTML only; it was not read"


def _all_leaves(
    fields: Fields, content: bytes, allowance: Allowance
) -> tuple[tuple[_Leaf, ...], tuple[str, ...]]:
    leaves: list[_Leaf] = []
    problems: list[str] = []
    for found in _walk(fields, content, 0, allowance):
        if isinstance(found, str):
            problems.append(found)
        else:
            leaves.append(found)
        if len(leaves) >= MOST_PARTS:
            problems.append(f"has more than {MOST_PARTS} parts; the rest was not read")
            break
    return tuple(leaves), tuple(problems)


def _walk(
    fields: Fields, content: bytes, depth: int, allowance: Allowance
) -> Iterator[_Leaf | str]:
    kind, parameters = content_type(fields.get("content-type"))
    if depth > DEEPEST:
        yield f"nests its parts more than {DEEPEST} deep; the inner ones were not read"
    elif kind == "multipart/encrypted":
        yield "is encrypted and was not read"
    elif kind.startswith("multipart/") and parameters.get("boundary"):
        if _around(content, parameters["boundary"]):
            yield "holds a diff outside of its parts; it was not read"
        for section in _sections(content, parameters["boundary"]):
            yield from _walk(*split_part(section), depth + 1, allowance)
    elif kind == "message/rfc822":
        yield from _enclosed(
            undo_transfer(content, fields.get("content-transfer-encoding")), depth, allowance
        )
    else:
        yield from _leaf(fields, content, (kind or "text/plain", parameters), allowance)


def split_part(section: bytes) -> tuple[Fields, bytes]:
    """Split a MIME part, whose header may be empty, into fields and body."""
    if section.startswith((b"\n", b"\r\n")):
        return Fields(()), section.partition(b"\n")[2]
    return split_mail(section)


def _sections(content: bytes, boundary: str) -> Iterator[bytes]:
    mark = b"--" + boundary.encode("utf-8", "replace")
    pieces = (b"\n" + content).split(b"\n" + mark)
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            return
        rest = piece.partition(b"\n")[2]
        yield rest.removesuffix(b"\r")


def _around(content: bytes, boundary: str) -> bool:
    """Tell whether a diff stands above the first part or behind the last (RFC 2046 5.1.1)."""
    mark = b"\n--" + boundary.encode("utf-8", "replace")
    above, _, rest = (b"\n" + content).partition(mark)
    below = rest.rpartition(mark + b"--")
    return any(has_diff(text_of(text)) for text in (above, below[2] if below[1] else b"") if text)


def _enclosed(raw: bytes, depth: int, allowance: Allowance) -> Iterator[_Leaf | str]:
    """Give an enclosed mail as the text that `git format-patch` would have attached."""
    fields, content = split_mail(raw.lstrip(b"\r\n"))
    found = list(_walk(fields, content, depth + 1, allowance))
    inner = [each for each in found if isinstance(each, _Leaf)]
    body = _body_of(tuple(inner))
    yield from (each for each in found if isinstance(each, str))
    head = "".join(
        f"{name}: {value}\n"
        for name in ("From", "Subject", "Date", "Message-ID")
        if (value := " ".join(fields.get(name.lower()).split()))
    )
    text = f"{head}\n{body.text if body else ''}"
    yield _Leaf(content_type="message/rfc822", name="", attached=True, text=text)
    yield from (leaf for leaf in inner if leaf is not body and has_diff(leaf.text))


def _leaf(
    fields: Fields, content: bytes, told: tuple[str, dict[str, str]], allowance: Allowance
) -> Iterator[_Leaf | str]:
    kind, parameters = told
    disposition, options = content_type(fields.get("content-disposition"))
    name = options.get("filename") or parameters.get("name") or ""
    if kind.startswith(_MEDIA):
        return
    if _ARCHIVES.match(kind) or _ARCHIVE_NAME.search(name):
        yield f"has an attachment {name or kind} that was not unpacked"
        return
    raw = undo_transfer(content, fields.get("content-transfer-encoding"))
    if is_gzip(raw):
        try:
            raw = allowance.inflate(raw)
        except InflateError as error:
            yield f"has an attachment {name} that {error}"
            return
    readable = kind.startswith("text/") or kind in _PATCH_TYPES or _PATCH_NAME.search(name)
    text = text_of(raw, parameters.get("charset", ""))
    yield from _unread(raw, text, fields.get("content-transfer-encoding"))
    if not readable and not has_diff(text):
        return
    if parameters.get("format", "").lower() == "flowed" and kind == "text/plain":
        text = unflow(text, delete_space=parameters.get("delsp", "").lower() == "yes")
    attached = disposition == "attachment" or kind != "text/plain" or bool(name)
    yield _Leaf(content_type=kind, name=name, attached=attached, text=text)


def _unread(raw: bytes, text: str, encoding: str) -> Iterator[str]:
    """Say what in a part may be a patch in an encoding that is not undone."""
    told = encoding.strip().lower()
    found = _UUENCODED.search(text)
    if found:
        yield f"holds the uuencoded file {found[1].strip()}, which was not read"
    elif told not in _ENCODINGS and not has_diff(text):
        yield f"has a part in the encoding {told[:40]}, which was not undone"
    if _WIDE_DIFF.search(raw) and not has_diff(text.replace("\0", "")):
        yield "holds a diff in UTF-16; it was not read"
