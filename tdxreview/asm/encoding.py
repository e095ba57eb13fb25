"""Bytes that directives put into code: an instruction may be spelled with them."""

import binascii
import re
from collections.abc import Callable, Iterator

from tdxreview.asm.expression import Names, evaluate
from tdxreview.asm.lexer import split_arguments
from tdxreview.regex import regex

SEAMCALL = "\x66\x0f\x01\xcf"
"""The instruction's encoding (Intel SDM vol. 2: SEAMCALL), one sign a byte."""
UNKNOWN_BYTE = "\u0100"
"""What stands for a byte whose value is not known."""
PREFIXES = {
    "data16": "\x66",
    "addr32": "\x67",
    "lock": "\xf0",
    "rep": "\xf3",
    "repe": "\xf3",
    "repz": "\xf3",
    "repne": "\xf2",
    "repnz": "\xf2",
    "bnd": "\xf2",
    "notrack": "\x3e",
    "cs": "\x2e",
    "ds": "\x3e",
    "es": "\x26",
    "fs": "\x64",
    "gs": "\x65",
    "ss": "\x36",
    "rex": "\x40",
    "rex.w": "\x48",
    "rex64": "\x48",
    "xacquire": "\xf2",
    "xrelease": "\xf3",
}
"""Prefixes that GNU as takes as words of their own, with their byte."""
_SIZES = {
    **dict.fromkeys((".byte", ".dc.b", ".1byte"), 1),
    **dict.fromkeys((".word", ".short", ".hword", ".value", ".2byte", ".dc.w", ".dc"), 2),
    **dict.fromkeys((".long", ".int", ".4byte", ".dc.l", ".dc.a"), 4),
    **dict.fromkeys((".quad", ".8byte"), 8),
    ".octa": 16,
}
_BLOCKS = {".dcb.b": 1, ".dcb": 2, ".dcb.w": 2, ".dcb.l": 4}
_MOST = 4096
_STRING = regex(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = regex(r"\\(x[0-9a-fA-F]+|[0-7]{1,3}|.)", re.DOTALL)
_PLAIN_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def emitted(word: str, rest: str, names: Names) -> str | None:
    """Give the bytes of a data directive, one sign each; None if it is no such directive.

    None as well for one that makes more bytes than code under review has.
    """
    size = _SIZES.get(word)
    if size is not None:
        return "".join(_number(part, size, names) for part in split_arguments(rest))
    maker = _MAKERS.get(word)
    return maker(word, rest, names) if maker else None


def _number(text: str, size: int, names: Names) -> str:
    value = evaluate(text, names)
    if value is None:
        return UNKNOWN_BYTE * size
    return _little(value, size)


def _little(value: int, size: int) -> str:
    return (value & ((1 << 8 * size) - 1)).to_bytes(size, "little").decode("latin-1")


def _text(word: str, rest: str, _: Names) -> str:
    end = "" if word == ".ascii" else "\0"
    return "".join(decoded(found[1]) + end for found in _STRING.finditer(rest))


def decoded(text: str) -> str:
    """Give what a string holds that is written with escapes, one sign a byte."""
    raw = text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")
    return _ESCAPE.sub(_escaped, raw)


def _escaped(found: re.Match[str]) -> str:
    what = found[1]
    if what[0] == "x" and len(what) > 1:
        return chr(int(what[-2:], 16))
    if what[0] in "01234567":
        return chr(int(what, 8) & 0xFF)
    return _PLAIN_ESCAPES.get(what, what)


def _fill(_: str, rest: str, names: Names) -> str | None:
    values = [evaluate(part, names) for part in split_arguments(rest)]
    count, size, value = (*values, *(None, 1, 0)[len(values) :])[:3]
    if count is None or size is None or value is None or not 0 <= size <= 8:  # noqa: PLR2004
        return None
    return _repeated(_little(value & 0xFFFF_FFFF, 8)[:size], count)


def _block(word: str, rest: str, names: Names) -> str | None:
    """Give what `.dcb` makes: so many times one value, of the size that its suffix says."""
    values = [evaluate(part, names) for part in split_arguments(rest)]
    count, value = (*values, *(None, 0)[len(values) :])[:2]
    if count is None or value is None:
        return None
    return _repeated(_little(value, _BLOCKS[word]), count)


def _base64(_: str, rest: str, __: Names) -> str | None:
    try:
        raw = [binascii.a2b_base64(found[1]) for found in _STRING.finditer(rest)]
    except (binascii.Error, ValueError):
        return None
    return b"".join(raw).decode("latin-1")


def _space(_: str, rest: str, names: Names) -> str | None:
    values = [evaluate(part, names) for part in split_arguments(rest)]
    count, value = (*values, *(None, 0)[len(values) :])[:2]
    return None if count is None or value is None else _repeated(chr(value & 0xFF), count)


def _repeated(text: str, count: int) -> str | None:
    return text * count if 0 <= count * max(len(text), 1) <= _MOST else None


def _padding(word: str, rest: str, names: Names) -> str | None:
    """Give the padding that is none: to a multiple of one byte."""
    value = evaluate(split_arguments(rest)[0], names) if rest else 0
    return "" if value in ({0} if word == ".p2align" else {0, 1}) else None


def _leb128(word: str, rest: str, names: Names) -> str | None:
    values = [evaluate(part, names) for part in split_arguments(rest)]
    known = [value for value in values if value is not None]
    if len(known) != len(values):
        return None
    return "".join(sign for value in known for sign in _septets(value, signed=word == ".sleb128"))


def _septets(value: int, *, signed: bool) -> Iterator[str]:
    value = value if signed else value & ((1 << 64) - 1)
    while True:
        low, value = value & 0x7F, value >> 7
        last = value == (-1 if low & 0x40 else 0) if signed else value == 0
        if last:
            yield chr(low)
            return
        yield chr(low | 0x80)


_MAKERS: dict[str, Callable[[str, str, Names], str | None]] = {
    **dict.fromkeys((".ascii", ".asciz", ".string", ".string8"), _text),
    **dict.fromkeys((".skip", ".space", ".zero"), _space),
    **dict.fromkeys((".align", ".balign", ".p2align"), _padding),
    **dict.fromkeys((".uleb128", ".sleb128"), _leb128),
    **dict.fromkeys(_BLOCKS, _block),
    ".base64": _base64,
    ".fill": _fill,
}
