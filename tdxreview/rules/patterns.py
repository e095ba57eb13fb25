"""Names that rules ask for: exact, a list, or a pattern."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

WRONG = {
    "(": "a name is written without `()`",
    ")": "a name is written without `()`",
    "^": "a pattern is `*`, `?` and `[...]`, no regular expression",
    "$": "a pattern is `*`, `?` and `[...]`, no regular expression",
    "|": "give a list in place of `|`",
    "{": "give a list in place of `{}`",
    "\\": "a pattern is `*`, `?` and `[...]`, no regular expression",
    " ": "a name has no space in it",
}


def is_one_of(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a name is one of some: `*` stands for any text, `?` for a letter."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def refusal(word: str, pattern: str) -> str:
    """Give what is wrong with a pattern for a word, empty if nothing is."""
    if not pattern:
        return "is empty"
    for sign, why in WRONG.items():
        if sign in pattern and not (sign == " " and word in {"entry", "words"}):
            return why
    if word == "leaf" and "_" in pattern:
        return f"a leaf is written as the ABI has it: `{pattern.upper().replace('_', '.')}`"
    return ""
