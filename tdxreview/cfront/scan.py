"""Where brackets close, and what stands between them, in C text that nobody has parsed."""

from __future__ import annotations

OPEN, CLOSE = "([{", ")]}"
LONGEST_CALL = 400


def closing(text: str, at: int, most: int) -> int:
    """Give where the bracket closes that opened before `at`; `most` characters on at the latest."""
    depth = 1
    end = min(len(text), at + most)
    for index in range(at, end):
        if text[index] in OPEN:
            depth += 1
        elif text[index] in CLOSE:
            depth -= 1
            if not depth:
                return index
    return end


def arguments_at(text: str, at: int) -> tuple[str, ...]:
    """Give the arguments of a call whose bracket opened before `at`, without space around them.

    None if the call is not closed within 400 characters.
    """
    end = closing(text, at, LONGEST_CALL)
    if end == min(len(text), at + LONGEST_CALL):
        return ()
    return tuple(part.strip() for part in _split(text[at:end]))


def _split(text: str) -> list[str]:
    parts = [""]
    depth = 0
    for letter in text:
        depth += (letter in OPEN) - (letter in CLOSE)
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
