"""`asm` statements of C, taken apart: template, operands, clobbers, labels, each with its line."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from tdxreview.asm.lexer import split_arguments
from tdxreview.regex import regex

_START = regex(
    r"\b(?:asm|__asm__|__asm|asm_inline|asm_goto_output|asm_volatile_goto)\b"
    r"(?:\s+(?:volatile|__volatile__|goto|inline|__inline__)\b){0,4}\s*(?=\()"
)
_OPERAND = regex(
    r"\s*(?:\[\s*(\w+)\s*\])?\s*(\"[^\"]*\"|CC_OUT\(\s*\w+\s*\)|[A-Z_]+)\s*(?:\((.*)\))?\s*",
    re.DOTALL,
)
_REGISTER_VARIABLE = regex(
    r"\bregister\b[^;=()]{0,120}?\b(\w+)\s+(?:asm|__asm__)\s*\(\s*\"%?(\w+)\"\s*\)"
)
_CONSTANT = regex(r"\b(\w+)\s*=\s*((?:TDX|X86|0x|\d)[\w|() ]{0,80});")
_HEAD = regex(r"[A-Za-z_][\w\s*]*?\b(\w+)\s*\(")
_DEFINED = regex(r"#\s*define\s+(\w+)")
_BRACKETS = regex(r'"(?:[^"\\]|\\.)*"?|[()]', re.DOTALL)
_LONGEST = 20_000


class AsmOperand(Struct, frozen=True):
    """An operand: the name in brackets, its constraint, the C expression."""

    name: str
    constraint: str
    expression: str


class AsmStatement(Struct, frozen=True):
    """One `asm` statement.

    `template` holds the pieces of its text, a C string with its quotes or any other word, each
    with its line. `after` is the C code from its end to the end of the function.
    """

    function: str
    line: int
    end_line: int
    template: tuple[tuple[str, int], ...]
    outputs: tuple[AsmOperand, ...]
    inputs: tuple[AsmOperand, ...]
    clobbers: tuple[str, ...]
    goto_labels: tuple[str, ...]
    after: str


def asm_statements(text: str, first_line: int) -> Iterator[AsmStatement]:
    """Give the statements of C code without comments that begins at line `first_line`."""
    lines = _LineNumbers(text, first_line)
    ends = brackets_of(text)
    for found in _START.finditer(text):
        end = ends.get(found.end())
        if end is None or end - found.end() > _LONGEST:
            continue
        sections = _sections(text, found.end() + 1, end)
        yield AsmStatement(
            function=function_at(text, found.start()),
            line=lines.of(found.start()),
            end_line=lines.of(end),
            template=tuple(_pieces(text, *sections[0], lines)),
            outputs=_operands(text, sections, 1),
            inputs=_operands(text, sections, 2),
            clobbers=tuple(part.strip('" ') for part in _parts(text, sections, 3)),
            goto_labels=_parts(text, sections, 4),
            after=_rest(text, end),
        )


def strings_of_call(text: str, start: int, opens: int, first_line: int) -> Iterator[AsmStatement]:
    """Give what the arguments of a call say in strings, each as a statement of its own."""
    end = brackets_of(text).get(opens)
    if end is None or end - opens > _LONGEST:
        return
    lines = _LineNumbers(text, first_line)
    begun = opens + 1
    for argument in split_arguments(text[begun:end]):
        at = text.find(argument, begun)
        pieces = tuple(_pieces(text, at, at + len(argument), lines))
        begun = at + len(argument)
        if any(piece.startswith('"') for piece, _ in pieces):
            line = lines.of(start)
            yield AsmStatement(
                function=function_at(text, start),
                line=line,
                end_line=line,
                template=pieces,
                outputs=(),
                inputs=(),
                clobbers=(),
                goto_labels=(),
                after="",
            )


class Variables(Struct, frozen=True):
    """C variables by name: those bound to a register, and what those set once are set to."""

    registers: dict[str, str]
    values: dict[str, str]


def read_variables(text: str) -> Variables:
    """Give the variables of C code that an operand may name."""
    bound = {found[1]: found[2] for found in _REGISTER_VARIABLE.finditer(text)}
    values: dict[str, str] = {}
    for found in _CONSTANT.finditer(text):
        values[found[1]] = "" if found[1] in values else found[2]
    return Variables(bound, values)


class _LineNumbers:
    def __init__(self, text: str, first: int) -> None:
        self._text = text
        self._at, self._line = 0, first

    def of(self, place: int) -> int:
        if place < self._at:
            self._line -= self._text.count("\n", place, self._at)
        else:
            self._line += self._text.count("\n", self._at, place)
        self._at = place
        return self._line


def _sections(text: str, start: int, end: int) -> list[tuple[int, int]]:
    sections, begun, depth, quoted = [], start, 0, False
    at = start
    while at < end:
        sign = text[at]
        if quoted and sign == "\\":
            at += 2
            continue
        quoted ^= sign == '"'
        if not quoted:
            depth += (sign in "([") - (sign in ")]")
            if sign == ":" and depth == 0:
                sections.append((begun, at))
                begun = at + 1
        at += 1
    return [*sections, (begun, end)]


_PIECE = regex(r'"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*', re.DOTALL)


def _pieces(text: str, start: int, end: int, lines: _LineNumbers) -> Iterator[tuple[str, int]]:
    at = start
    while (found := _PIECE.search(text, at, end)) is not None:
        at = found.end()
        piece = found[0]
        if not piece.startswith('"'):
            opens = at + len(text[at : at + 80]) - len(text[at : at + 80].lstrip())
            close = brackets_of(text).get(opens, end)
            if close < end:
                piece, at = text[found.start() : close + 1], close + 1
        yield piece, lines.of(found.start())


def _parts(text: str, sections: list[tuple[int, int]], which: int) -> tuple[str, ...]:
    if which >= len(sections):
        return ()
    start, end = sections[which]
    return split_arguments(text[start:end])


def _operands(text: str, sections: list[tuple[int, int]], which: int) -> tuple[AsmOperand, ...]:
    matches = (_OPERAND.fullmatch(part) for part in _parts(text, sections, which))
    return tuple(
        AsmOperand(found[1] or "", found[2].strip('"'), (found[3] or "").strip())
        for found in matches
        if found is not None
    )


@lru_cache(maxsize=8)
def brackets_of(text: str) -> dict[int, int]:
    """Give for each opening round bracket of C code, outside strings, where it closes."""
    ends: dict[int, int] = {}
    waiting: list[int] = []
    for found in _BRACKETS.finditer(text):
        if found[0] == "(":
            waiting.append(found.start())
        elif found[0] == ")" and waiting:
            ends[waiting.pop()] = found.start()
    return ends


def function_at(text: str, place: int) -> str:
    """Name the function or macro around a place: the last head that begins in the first column."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    own = _head(line)
    if own is not None:
        return own
    starts, names = _heads(text)
    at = bisect_left(starts, place - len(line)) - 1
    return names[at] if at >= 0 else ""


@lru_cache(maxsize=8)
def _heads(text: str) -> tuple[list[int], list[str]]:
    """Give where lines begin that head or end a function, with its name, empty for an end."""
    starts, names, at = [], [], 0
    for line in text.split("\n"):
        name = _head(line)
        if name is not None:
            starts.append(at)
            names.append(name)
        at += len(line) + 1
    return starts, names


def _head(line: str) -> str | None:
    defined = _DEFINED.match(line)
    if defined:
        return defined[1]
    found = _HEAD.match(line[:400])
    if found and not line.rstrip().endswith(";"):
        return found[1]
    return "" if line.startswith("}") else None


def _rest(text: str, place: int) -> str:
    limit = min(len(text), place + _LONGEST // 4)
    end = text.find("\n}", place, limit)
    return text[place : end if end >= 0 else limit]
