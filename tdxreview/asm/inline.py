"""Assembly in C files: `asm` statements, and what else has it in its strings."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec.structs import replace

from tdxreview.asm.cpp_macros import Definitions, closing_bracket
from tdxreview.asm.hints import may_hold_inline
from tdxreview.asm.inline_statement import (
    AsmStatement,
    Variables,
    asm_statements,
    function_at,
    read_variables,
    strings_of_call,
)
from tdxreview.asm.inline_template import Template
from tdxreview.asm.lexer import Line, code_lines
from tdxreview.asm.operands import GENERAL
from tdxreview.asm.oracle import Frame
from tdxreview.asm.outcomes import ARGUMENTS, COMMON, LEAF, start_registers
from tdxreview.cache import per_fragment
from tdxreview.cfront.dead_branches import dead_branches
from tdxreview.regex import regex
from tdxreview.source.model import Fragment, Image

_DEFINE = regex(r"#\s*define\s+(.*)", re.DOTALL)
_CARRIER = regex(r"\b(?!asm\b|__asm)\w*(?:alternative|ALTERNATIVE|asm|ASM)\w*\s*(?=\()")
_GLUE = regex(r"\S\\$")
_WORD = regex(r"\S+")
_ADDRESS = regex(r"[\s(&*]*([A-Za-z_]\w*)[\s)]*")
_MOST_USES = 400
_KEPT = 256
"""Texts whose statements are remembered: a series has few files with inline asm."""


def seamcall_statements(
    image: Image, definitions: Definitions
) -> Iterator[tuple[AsmStatement, Template]]:
    """Give the `asm` statements of a C file that may make a SEAMCALL, in order."""
    for fragment in filter(may_hold_inline, image.fragments):
        text = _code(fragment)
        for statement in _statements(text, fragment.start):
            variables = _variables(text)
            yield statement, Template(statement, variables, definitions)


def all_definitions(images: Mapping[str, Image], constants: Mapping[str, int]) -> Definitions:
    """Take every `#define` of all files: C code sees them through headers of headers."""
    definitions = Definitions(constants)
    for path in sorted(images):
        for fragment in images[path].fragments:
            for definition in _defined(fragment):
                definitions.define(definition)
    return definitions


@per_fragment
def _defined(fragment: Fragment) -> tuple[str, ...]:
    found = (_DEFINE.match(line.text) for line in code_lines("", _lines_to_define(fragment)))
    return tuple(each[1] for each in found if each)


def _lines_to_define(fragment: Fragment) -> Iterator[tuple[int, str]]:
    """Give the lines that can belong to a `#define`, or say that it stands in a comment."""
    goes_on = False
    for number, known in enumerate(fragment.known, start=fragment.start):
        text = known.text
        continued = text.rstrip().endswith("\\")
        if goes_on or continued or "define" in text or "/" in text:
            yield number, text
        goes_on = continued


@per_fragment
def _code(fragment: Fragment) -> str:
    """Give the text with comments and continuation marks blanked, line for line."""
    numbered = [
        (number, text.removesuffix("\\"))
        for number, text in _glued([(line.number, line.text.rstrip()) for line in fragment.lines])
    ]
    kept = {line.number: line.text for line in code_lines("", numbered)}
    indented = (
        " " * (len(text) - len(text.lstrip())) + kept.get(number, "") for number, text in numbered
    )
    lines = list(indented)
    for first, end in dead_branches(enumerate(lines)):
        lines[first + 1 : end] = [""] * (end - first - 1)
    return "\n".join(lines)


def is_code(fragment: Fragment, line: int) -> bool:
    """Tell whether a line of C code holds more than comments and what is never compiled."""
    lines = _code(fragment).split("\n")
    return 0 <= line - fragment.start < len(lines) and bool(lines[line - fragment.start].strip())


def _glued(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Give lines with each word on one line that a continuation cut in two."""
    for at in range(len(lines) - 1):
        (number, text), (after, rest) = lines[at : at + 2]
        if text.endswith("\\") and _GLUE.search(text) and (word := _WORD.match(rest)):
            lines[at] = (number, text[:-1] + word[0] + "\\")
            lines[at + 1] = (after, " " * len(word[0]) + rest[word.end() :])
    return lines


def frame_of(template: Template, written: list[Line]) -> Frame:
    """Give what the statement is entered with: constants, pointers, unknown or marked values."""
    marked = {name: 0xCA11_EE00_0000_0000 + at for at, name in enumerate(GENERAL)}
    registers: dict[str, int | None] = {**marked}
    registers["rsp"] = start_registers()["rsp"]
    pages = iter(ARGUMENTS.values())
    for register, value in template.inputs():
        pointer = any(f"(%{register}" in line.text for line in written)
        registers[register] = next(pages, None) if pointer else value
    registers["rax"] = LEAF
    kept = set(GENERAL) - template.outputs - set(COMMON) - {"rsp", "rax"}
    return Frame(registers, tuple(sorted(kept)), frozenset(template.outputs - {"rax"}))


def any_statements(image: Image, definitions: Definitions) -> Iterator[tuple[str, list[Line]]]:
    """Give every piece of assembly in a C file, with the function around it, in order.

    Nothing is left out for not being a statement of C: strings of `alternative()` and its like,
    both sides of ALTERNATIVE(), and macros that become an `asm` statement where they are used.
    """
    for fragment in filter(may_hold_inline, image.fragments):
        text = _code(fragment)
        variables = _variables(text)
        statements = (
            *_statements(text, fragment.start),
            *_carried(text, fragment.start),
            *_made_by_macros(text, fragment.start, definitions),
        )
        for statement in statements:
            template = Template(statement, variables, definitions, every=True)
            lines = [*template.lines(image.path), *_addresses(image.path, statement)]
            yield statement.function, lines


def _addresses(path: str, statement: AsmStatement) -> Iterator[Line]:
    """Give what the operands name as statements that take its address."""
    for operand in (*statement.inputs, *statement.outputs):
        found = _ADDRESS.fullmatch(operand.expression)
        if found is not None:
            yield Line(path, statement.line, f".quad {found[1]}")


@lru_cache(maxsize=_KEPT)
def _statements(text: str, first_line: int) -> tuple[AsmStatement, ...]:
    return tuple(asm_statements(text, first_line))


@lru_cache(maxsize=_KEPT)
def _variables(text: str) -> Variables:
    return read_variables(text)


@lru_cache(maxsize=_KEPT)
def _carried(text: str, first_line: int) -> tuple[AsmStatement, ...]:
    """Give the strings of calls that are named as if they carried assembly."""
    return tuple(
        statement
        for found in _CARRIER.finditer(text)
        for statement in strings_of_call(text, found.start(), found.end(), first_line)
    )


def _made_by_macros(text: str, first_line: int, definitions: Definitions) -> Iterator[AsmStatement]:
    """Give the `asm` statements that macros make where they are used, with their arguments in."""
    names = definitions.asm_macros()
    if not names:
        return
    word = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b")
    for count, found in enumerate(word.finditer(text)):
        begin = text.rfind("\n", 0, found.start()) + 1
        if count >= _MOST_USES or text[begin : found.start()].lstrip().startswith("#"):
            continue
        end = closing_bracket(text, found.end())
        used = text[found.start() : found.end() if end is None else end + 1]
        line = first_line + text.count("\n", 0, found.start())
        for statement in asm_statements(definitions.expand(used), 0):
            template = tuple((piece, line) for piece, _ in statement.template)
            function = function_at(text, found.start())
            yield replace(statement, function=function, line=line, end_line=line, template=template)
