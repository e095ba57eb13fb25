"""How GNU as cuts its text: labels, words, blocks and the branches of conditions."""

import re
from collections.abc import Container

from tdxreview.asm.expression import Names, evaluate
from tdxreview.asm.lexer import GAP, Line, split_arguments
from tdxreview.regex import regex

UNREADABLE = "?"
"""The first word of a statement that stands for what could not be read."""
BLOCKS = {
    ".macro": ".endm",
    ".rept": ".endr",
    ".rep": ".endr",
    ".irp": ".endr",
    ".irpc": ".endr",
}
"""The directives that begin a block of text, with those that end it."""
_WORD = regex(r"([.\w$\\@]+)\s*(.*)", re.DOTALL)
_LABEL = regex(r'\s*([\w.$\\@]+|"[^"]*")\s*:(?!:)')
_DIRECTIVES = regex(r"\.[A-Z]", re.IGNORECASE)


def word_and_rest(text: str) -> tuple[str, str]:
    """Cut a statement into its first word and what follows."""
    found = _WORD.match(text)
    return (found[1], found[2].strip()) if found else ("", text)


def label_and_rest(text: str, macros: Container[str]) -> tuple[str, str] | None:
    """Cut off a label at the start of a statement, None if there is none."""
    found = _LABEL.match(text)
    if found is None or found[1] in macros:
        return None
    return found[1].strip('"'), text[found.end() :].strip()


def lowered(text: str, macros: Container[str], kept: Container[str]) -> str:
    """Give a statement with its mnemonic or directive in small letters, as GNU as reads it.

    Macros of the code, and words of `kept`, stay as they are written.
    """
    word, rest = word_and_rest(text)
    low = word.lower()
    if word == low or word in macros or word in kept:
        return text
    if low in macros or _DIRECTIVES.match(word) or low in _CAPITAL_MNEMONICS:
        return f"{low} {rest}".rstrip()
    return text


_CAPITAL_MNEMONICS = frozenset(
    {
        *("seamcall", "tdcall", "mov", "movq", "movl", "lea", "add", "sub", "or", "and", "xor"),
        *("test", "cmp", "push", "pop", "jmp", "call", "jc", "jnc", "je", "jne", "jz", "jnz"),
        *("ja", "jae", "jb", "jbe", "nop", "data16", "lock", "rep", "rex.w"),
    }
)


_CLOSERS = (".endm", ".endr", ".endif")


def ends_of(lines: list[Line]) -> dict[int, int]:
    """Give for each statement that opens a block or a condition where that ends.

    One that does not end in the lines has no entry, nor has a condition with a gap in it.
    """
    ends: dict[int, int] = {}
    waiting: dict[str, list[int]] = {closer: [] for closer in _CLOSERS}
    for at, line in enumerate(lines):
        if line.text == GAP:
            waiting[".endif"].clear()
        elif "." in line.text:
            word = _bare_word(line.text)
            closer = ".endif" if word.startswith(".if") else BLOCKS.get(word)
            if closer is not None:
                waiting[closer].append(at)
            elif waiting.get(word):
                ends[waiting[word].pop()] = at
    return ends


def _bare_word(text: str) -> str:
    """Give the first word behind the labels, in small letters."""
    if ":" in text:
        while (found := label_and_rest(text, ())) is not None:
            text = found[1]
    return word_and_rest(text)[0].lower()


Branches = list[tuple[Line, list[Line]]]


def branches(lines: list[Line], at: int, end: int) -> Branches:
    """Give the branches of the condition from `at` to its `.endif` at `end`, with their heads."""
    parts: Branches = [(lines[at], [])]
    depth = 0
    for place in range(at + 1, end):
        word = _bare_word(lines[place].text) if "." in lines[place].text else ""
        depth += word.startswith(".if") - (word == ".endif")
        if depth == 0 and word in {".else", ".elseif"}:
            parts.append((lines[place], []))
        else:
            parts[-1][1].append(lines[place])
    return parts


def holds(text: str, names: Names) -> bool | None:
    """Decide a condition, None if it cannot be told."""
    word, rest = word_and_rest(text)
    first, second = (*split_arguments(rest), "", "")[:2]
    match word:
        case ".else":
            return True
        case ".ifb" | ".ifnb":
            return (rest.strip() == "") == (word == ".ifb")
        case ".ifc" | ".ifnc" | ".ifeqs" | ".ifnes":
            return (first.strip("\"'") == second.strip("\"'")) == (word in {".ifc", ".ifeqs"})
        case ".ifdef" | ".ifndef" | ".ifnotdef":
            return None
    value = evaluate(rest, names)
    return None if value is None else _COMPARED.get(word, bool)(value)


_COMPARED = {
    ".ifeq": lambda value: value == 0,
    ".ifgt": lambda value: value > 0,
    ".ifge": lambda value: value >= 0,
    ".iflt": lambda value: value < 0,
    ".ifle": lambda value: value <= 0,
}
