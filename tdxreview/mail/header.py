"""The header block of a mail: fields, addresses, message-ids and parameters.

Written for hostile mail: every function takes any text and gives an answer, in linear time.
"""

import re

from msgspec import Struct

from tdxreview.mail.charset import decode_words, text_of
from tdxreview.mail.message import Author
from tdxreview.regex import regex

MOST_FIELDS = 2_000
LONGEST_FIELD = 100_000
_FIELD = regex(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,75})[ \t]{0,10}:[ \t]*")
_ID = regex(r"<([^<>\s]{1,1000})>")
_ANGLE = regex(r"<([^<>]{0,500})>")
_COMMENT = regex(r"\(([^()]{0,500})\)")
_VIA = regex(r"\s+via\s+\S.{0,200}$", re.IGNORECASE | re.DOTALL)
_PARAMETER = regex(r';\s*([A-Za-z0-9_*-]{1,40})\s*=\s*(?:"([^"]{0,1000})"|([^;\s]{0,1000}))')


class Fields(Struct, frozen=True):
    """The header fields in the order of the mail, unfolded and with encoded words decoded."""

    items: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """Give the first field of that name, empty if there is none."""
        return next((value for field, value in self.items if field.lower() == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Give every field of that name."""
        return tuple(value for field, value in self.items if field.lower() == name)


def split_mail(raw: bytes) -> tuple[Fields, bytes]:
    """Split one mail into its fields and its undecoded body.

    A line that is no field ends the header as an empty line does, and belongs to the body.
    """
    fields: list[list[str]] = []
    position = 0
    while len(fields) < MOST_FIELDS:
        end = raw.find(b"\n", position)
        stop = len(raw) if end < 0 else end
        line = text_of(raw[position : min(stop, position + LONGEST_FIELD)]).rstrip("\r\n")
        if not line.strip():
            position = stop + 1
            break
        if not _take(line, fields):
            break
        position = stop + 1
        if end < 0:
            break
    items = tuple((name, decode_words(" ".join(rest))) for name, *rest in fields)
    return Fields(items), raw[position:]


def _take(line: str, fields: list[list[str]]) -> bool:
    if line[0] in " \t" and fields:
        fields[-1].append(line.strip())
        return True
    found = _FIELD.match(line)
    if found is None:
        return line.startswith((">From ", "From ")) and not fields
    fields.append([found[1], line[found.end() :].strip()])
    return True


def message_ids(value: str) -> tuple[str, ...]:
    """Give the message-ids of a field, comments and stray words left out (RFC 5322 3.6.4)."""
    return tuple(_ID.findall(value[:LONGEST_FIELD]))


def own_id(fields: Fields) -> str:
    """Give the mail's own message-id, empty if it has none; of several the first counts."""
    for value in fields.all("message-id"):
        if ids := message_ids(value):
            return ids[0]
        if bare := value.split():
            return bare[0].strip("<>")
    return ""


def parse_author(value: str) -> Author:
    """Read one address: `Name <mail>`, `mail (Name)`, or a name alone as web archives give it."""
    if found := _ANGLE.search(value):
        return Author(_plain_name(value[: found.start()]), found[1].strip())
    comment = _COMMENT.search(value)
    address = _COMMENT.sub("", value).strip()
    if "@" in address and " " not in address:
        return Author(_plain_name(comment[1]) if comment else "", address)
    return Author(_plain_name(value), "")


def sender(fields: Fields) -> Author:
    """Give who wrote the mail, also where a list rewrote the From for DMARC.

    A list writes `Name via list <list@...>`: then X-Original-From, or the Reply-To or Cc entry
    of the same name, holds the address.
    """
    author = parse_author(fields.get("from"))
    name = _VIA.sub("", author.name)
    if name == author.name:
        return author
    name = name.strip("\"' ")
    if original := fields.get("x-original-from"):
        return parse_author(original)
    entries = (fields.get("reply-to") + "," + fields.get("cc")).split(",")
    same = (parse_author(entry) for entry in entries[:200])
    return next((entry for entry in same if entry.name == name), Author(name, ""))


def content_type(value: str) -> tuple[str, dict[str, str]]:
    """Split a Content-Type or Content-Disposition into its word and its parameters."""
    text = value[:LONGEST_FIELD]
    word = text.split(";", 1)[0].strip().lower()
    found = _PARAMETER.findall(text)
    return word, {name.lower().rstrip("*0"): quoted or bare for name, quoted, bare in found}


def _plain_name(text: str) -> str:
    return " ".join(text.replace('\\"', "").replace('"', " ").split()).strip("' ")
