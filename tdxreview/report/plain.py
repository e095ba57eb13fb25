"""Foreign text made safe for a terminal: what is invisible or steers is taken out or shown."""

import unicodedata

TAB_STOP = 8
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class _Safe(dict[int, str]):
    """A table for `str.translate` that decides about a character when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = safe = _safe(chr(code))
        return safe


def _safe(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\n":
        return character
    if category == "Cc":
        return ""
    if category == "Cs":
        return REPLACEMENT
    # Cf holds the bidirectional controls and all else that has no width but an effect.
    return f"<U+{ord(character):04X}>" if category in {"Cf", "Zl", "Zp"} else character


_SAFE = _Safe()


def plain(text: str) -> str:
    """Give `text` without C0 and C1 control characters, but for tab and newline.

    Controls that change the direction or have no width are spelt out, as `<U+202E>`.
    """
    return text if text.isascii() and text.isprintable() else text.translate(_SAFE)


def one_line(text: str) -> str:
    """Give `text` as one safe line, with each run of white space as one space."""
    return " ".join(plain(text).split())
