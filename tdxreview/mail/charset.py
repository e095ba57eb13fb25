"""Bytes to text, whatever the mail claims about them: nothing here raises on odd input."""

import binascii
import codecs
import re

from tdxreview.regex import regex

_ENCODED_WORD = regex(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\s]{0,2000})\?=")
_BETWEEN_WORDS = regex(r"(=\?[^?\s]{1,40}\?[bBqQ]\?[^?\s]{0,2000}\?=)\s+(?==\?)")
_NOT_BASE64 = regex(rb"[^A-Za-z0-9+/]")
# They decode escapes or host names, some of them in quadratic time, and no mail is written so.
_NOT_FOR_MAIL = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
_GROUP = 4
_ALONE = 1


def text_of(raw: bytes, charset: str = "") -> str:
    """Decode with the named charset, then UTF-8, windows-1252 and latin-1.

    Lines end in a line feed alone, and a NUL or a lone surrogate becomes U+FFFD.
    """
    for name in (charset, "utf-8", "windows-1252"):
        if name and (text := _decoded(raw, name)) is not None:
            return _unix(text)
    return _unix(raw.decode("latin-1"))


def undo_transfer(raw: bytes, encoding: str) -> bytes:
    """Undo a content transfer encoding; one that we do not know is left as it is."""
    match encoding.strip().lower():
        case "quoted-printable":
            return binascii.a2b_qp(raw)
        case "base64":
            return _from_base64(raw)
        case _:
            return raw


def decode_words(value: str) -> str:
    """Replace the encoded words of a header (RFC 2047) by what they stand for."""
    if "=?" not in value:
        return value
    return _ENCODED_WORD.sub(_decode_word, _BETWEEN_WORDS.sub(r"\1", value))


def _decoded(raw: bytes, charset: str) -> str | None:
    try:
        if codecs.lookup(charset).name in _NOT_FOR_MAIL:
            return None
        return raw.decode(charset)
    except (LookupError, ValueError):
        return None


def _unix(text: str) -> str:
    if text.isascii() and "\0" not in text:
        return text.replace("\r\n", "\n")
    clean = text.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(text) else text
    return clean.replace("\r\n", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _has_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _from_base64(raw: bytes) -> bytes:
    letters = _NOT_BASE64.sub(b"", raw)
    if len(letters) % _GROUP == _ALONE:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % _GROUP))


def _decode_word(word: re.Match[str]) -> str:
    charset, kind, content = word.groups()
    raw = content.encode("ascii", "replace")
    if kind in "bB":
        return text_of(_from_base64(raw), _plain_charset(charset))
    return text_of(binascii.a2b_qp(raw, header=True), _plain_charset(charset))


def _plain_charset(charset: str) -> str:
    return charset.split("*", 1)[0]
