"""What in a text says that a SEAMCALL may be spelled in it, before anything is parsed."""

import re

from tdxreview.cache import per_fragment
from tdxreview.regex import regex
from tdxreview.source.model import Fragment, Image

_DATA = regex(
    r"\.(?:byte|word|short|hword|value|long|int|quad|octa|[1248]byte|dcb?|ascii|asciz|string|fill"
    r"|base64|insn|irpc?|[us]leb128)\b",
    re.IGNORECASE,
)
_NUMBER = regex(r"0[xX][0-9a-fA-F]+|0[bB][01]+|\d+")
_IN_ORDER = b"\x66\x0f\x01\xcf"
_BYTES = frozenset(_IN_ORDER)
_C_END = regex(r"^[^#/\n\"]*\w[^\n]*\)\s*[;{]\s*$", re.MULTILINE)
_CF = regex(r"0[xX][cC][fF]\b|\b207\b|\b0317\b")
_COMPUTED = regex(r"[-+*/|&~^\\]|<<|'")
_SQUEEZED = regex(r'[\s"\\]+|/\*.*?\*/|//[^\n]*', re.DOTALL)
_PIECE = regex(r"""s["\s\\]*e["\s\\]*a["\s\\]*m""", re.IGNORECASE)
_ESCAPED = regex(r"\basm\w*\b[^;]{0,400}\\(?:x[0-9a-fA-F]|[0-7]{2})|__asm[^;]{0,400}\\[x0-7]")
_PASTED = regex(r"#\s*define\b[^\n]*(?:\\\n[^\n]*)*\basm\b")
_GLUED = regex(
    r"^[ \t]*(?:[a-z]*\\\w+[a-z]\w*|[a-z]+\\(?!\n)\w*|\\\w+\\)", re.IGNORECASE | re.MULTILINE
)
"""A statement whose first word a macro puts together of letters and a parameter."""
_TAKEN_IN = regex(r"\.inc(?:lude|bin)\b")
_ASM_WORD = regex(r"asm|alternative", re.IGNORECASE)


@per_fragment
def spelled_in_assembly(fragment: Fragment) -> bool:
    """Tell whether assembly may make a SEAMCALL by bytes, or by a name that it puts together."""
    text = fragment.text
    if "##" in text or _named_in_pieces(text):
        return True
    if (".macro" in text or ".irp" in text) and _GLUED.search(text):
        return True
    if "SYM_FUNC_START" in text and _TAKEN_IN.search(text):
        return True
    lines = [line for line in text.split("\n") if _DATA.search(line)]
    computed = any(_COMPUTED.search(line) or '"' in line for line in lines)
    return bool(lines) and (computed or _bytes(text) >= _BYTES)


@per_fragment
def spelled_in_c(fragment: Fragment) -> bool:
    """Tell whether C's inline assembly may make a SEAMCALL by bytes, or by a name in pieces."""
    text = fragment.text
    if not _ASM_WORD.search(text):
        return False
    if _named_in_pieces(text) or _ESCAPED.search(text):
        return True
    return bool(_DATA.search(text)) and _bytes(text) >= _BYTES


def _named_in_pieces(text: str) -> bool:
    """Tell whether the name stands there once quotes, blanks and joined lines are gone."""
    return _PIECE.search(text) is not None and "seamcall" in _SQUEEZED.sub("", text).lower()


def _bytes(text: str) -> frozenset[int]:
    found = {0x66} if "data16" in text.lower() else set()
    for number in _NUMBER.findall(text):
        if len(number) <= 40:  # noqa: PLR2004 -- 128 bits in any base that has a prefix
            value = _value(number)
            found.update(value.to_bytes((value.bit_length() + 7) // 8 or 1, "little"))
    return frozenset(found)


def _value(number: str) -> int:
    if number.isdigit():
        return int(number, 8 if _is_octal(number) else 10)
    return int(number, 0)


def _is_octal(number: str) -> bool:
    return number[0] == "0" and number.isdigit() and "8" not in number and "9" not in number


@per_fragment
def may_hold_inline(fragment: Fragment) -> bool:
    """Tell whether C code may make a SEAMCALL in inline assembly, however it is written."""
    text = fragment.text
    if "asm" not in text and "\\\n" not in text and not _ASM_WORD.search(text):
        return False
    squeezed = _SQUEEZED.sub("", text).lower()
    if not _ASM_WORD.search(squeezed):
        return False
    if "seamcall" in squeezed or _DATA.search(text):
        return True
    return bool(_ESCAPED.search(text) or (_PASTED.search(text) and "#" in text))


_ROW = regex(rf"(?<![\w.])((?:{_NUMBER.pattern})(?:\s*,\s*(?:{_NUMBER.pattern})){{3,}})")


def holds_c(image: Image) -> bool:
    """Tell whether a file that may hold assembly holds C, by how its statements end."""
    return any(_C_END.search(fragment.text) for fragment in image.fragments)


@per_fragment
def rows_of_bytes(fragment: Fragment) -> tuple[int, ...]:
    """Give the lines of C code where numbers in a row are the bytes of a SEAMCALL."""
    text = fragment.text
    if not _CF.search(text):
        return ()
    lines = []
    for found in _ROW.finditer(text):
        numbers = [_value(number) for number in _NUMBER.findall(found[1]) if len(number) < 6]  # noqa: PLR2004
        if bytes(min(n, 0xFF) for n in numbers).find(_IN_ORDER) >= 0:
            lines.append(fragment.start + text.count("\n", 0, found.start()))
    return tuple(lines)
