"""Pieces of a function made parseable: brackets that a hunk cuts off are supplied around it."""

import re

from msgspec import Struct

from tdxreview.regex import regex

BRACKET = regex(r"[{}()]|\b(?:case\b[^:;{}]*|default\s*):")
LEADING = regex(r"[();{}]")
UNFINISHED = ",&|=+-*/(?:<>!%^"
UNKNOWN_TEST = "__unknown"


class Mended(Struct, frozen=True):
    """The piece as it is to be parsed: `prefix + text + suffix`, with `text` of equal length."""

    prefix: str
    text: str
    suffix: str


def mended(piece: str) -> Mended:
    """Close what is open and open what is closed in a piece of a masked function body."""
    text = _without_cut_statement(piece)
    openers, depth = _openers(text)
    unclosed = text.rfind("(") if _open_parentheses(text) else -1
    end = _end_of_statement(text) if unclosed >= 0 or _is_unfinished(text) else ""
    guard = f"if({UNKNOWN_TEST})" if _is_guarded(text) else ""
    return Mended("{" + "".join(reversed(openers)) + guard, text, end + "}" * (depth + 1))


def _is_guarded(text: str) -> bool:
    """Tell by its indentation whether the first statement hangs on an `if` that is not shown."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return False
    first = _indentation(lines[0])
    for line in lines[1:]:
        if line.lstrip().startswith("}"):
            return False
        if _indentation(line) < first and not line.rstrip().endswith(":"):
            return True
    return False


def _indentation(line: str) -> int:
    expanded = line.expandtabs(8)
    return len(expanded) - len(expanded.lstrip())


def _without_cut_statement(piece: str) -> str:
    """Blank the rest of a statement whose beginning is not in the piece."""
    depth = 0
    for found in LEADING.finditer(piece):
        depth += (found[0] == "(") - (found[0] == ")")
        if found[0] in ";{}" and depth >= 0:
            return piece
        if found[0] == ";" or (found[0] == "{" and depth < 0):
            end = found.start() + (found[0] == ";")
            return re.sub(r"[^\n]", " ", piece[:end]) + piece[end:]
    return re.sub(r"[^\n]", " ", piece) if depth < 0 else piece


def _openers(text: str) -> tuple[list[str], int]:
    """Give what has to stand before the piece, innermost first, and the depth at its end."""
    openers: list[str] = []
    depth, labelled = 0, False
    for found in BRACKET.finditer(text):
        mark = found[0]
        if mark == "{":
            depth += 1
        elif mark == "}" and depth:
            depth -= 1
        elif mark == "}":
            openers.append(_opener(text[found.end() : found.end() + 80], labelled=labelled))
            labelled = False
        elif mark.endswith(":") and not depth:
            labelled = True
    if labelled:
        openers.append(f"switch({UNKNOWN_TEST}){{")
        depth += 1
    return openers, depth


def _opener(after: str, *, labelled: bool) -> str:
    if labelled:
        return f"switch({UNKNOWN_TEST}){{"
    if re.match(r"\s*while\b", after):
        return "do{"
    return f"if({UNKNOWN_TEST}){{"


def _open_parentheses(text: str) -> int:
    start = max(text.rfind(mark) for mark in ";{}")
    return text.count("(", start + 1) - text.count(")", start + 1)


def _is_unfinished(text: str) -> bool:
    last = text.rstrip()[-1:]
    return last != "" and last not in ";{}"


def _end_of_statement(text: str) -> str:
    filler = "0" if text.rstrip()[-1:] in UNFINISHED else ""
    return filler + ")" * max(0, _open_parentheses(text)) + ";"
