"""Routines of C files: the SEAMCALLs in their `asm` statements."""

import re
from collections.abc import Iterator, Mapping

from tdxreview.asm.cpp_macros import BUILT_IN, Definitions
from tdxreview.asm.gas_expand import UNREADABLE, Expander
from tdxreview.asm.inline_statement import (
    AsmStatement,
    asm_statements,
    read_variables,
)
from tdxreview.asm.inline_template import C_LABEL, Template
from tdxreview.asm.layout import build_program
from tdxreview.asm.lexer import Line, code_lines, fragment_lines
from tdxreview.asm.listing import END_OF_SECTION, Program, is_seamcall
from tdxreview.asm.operands import GENERAL
from tdxreview.asm.oracle import Frame
from tdxreview.asm.outcomes import ARGUMENTS, COMMON, LEAF, start_registers
from tdxreview.cache import per_fragment
from tdxreview.facts.trap.diagnose import Diagnosis, Subroutine, diagnose
from tdxreview.facts.trap.routines import Found, opaque, put
from tdxreview.facts.trap.schema import Flags, TrapStatus, Vmfail
from tdxreview.source.model import Fragment, Image

_HINT = re.compile(r"0x66\s*,\s*0x0f\s*,\s*0x01\s*,\s*0xcf|seamcall", re.IGNORECASE)
_ASM = re.compile(r"asm(?:_\w+)?\b(?!/\w)")
"""What may begin an asm statement: no part of an include's path."""
_C_TESTS = re.compile(r"\bTDX_SW_ERROR\b|\bTDX_SEAMCALL_(?:UD|GP)\b|\bX86_TRAP_(?:UD|GP)\b")
_DEFINE = re.compile(r"#\s*define\s+(.*)", re.DOTALL)
END_OF_TEMPLATE = "ASM_RET"
_AWAY = f"{UNREADABLE} it goes on in C"
_OURS = (END_OF_TEMPLATE, _AWAY, END_OF_SECTION)
_CARRY_TAKEN = ("set", "sbb", "adc", "cmov")


def inline_routines(
    image: Image, images: Mapping[str, Image], definitions: Definitions, found: Found
) -> None:
    """Look at every `asm` statement of a C file that makes a SEAMCALL."""
    for statement, template in seamcall_statements(image, images, definitions):
        _one(image.path, statement, template, found)


def seamcall_statements(
    image: Image, images: Mapping[str, Image], definitions: Definitions
) -> Iterator[tuple[AsmStatement, Template]]:
    """Give the `asm` statements of a C file that may make a SEAMCALL, in order."""
    for fragment in filter(_may_hold_seamcall, image.fragments):
        text = _code(fragment)
        statements = [s for s in asm_statements(text, fragment.start) if _may_be_seamcall(s)]
        if not statements:
            continue
        _define_all(images, definitions)
        variables = read_variables(text)
        for statement in statements:
            yield statement, Template(statement, variables, definitions)


@per_fragment
def _may_hold_seamcall(fragment: Fragment) -> bool:
    return bool(_ASM.search(fragment.text) and _HINT.search(fragment.text))


def _may_be_seamcall(statement: AsmStatement) -> bool:
    words = (text for text, _ in statement.template)
    return any(
        _HINT.search(text) or not (text.startswith('"') or BUILT_IN.match(text)) for text in words
    )


def _define_all(images: Mapping[str, Image], definitions: Definitions) -> None:
    """Take every `#define` of all files: C code sees them through headers of headers."""
    for path in sorted(images):
        for fragment in images[path].fragments:
            for definition in _defined(fragment):
                definitions.define(definition)


@per_fragment
def _defined(fragment: Fragment) -> tuple[str, ...]:
    found = (_DEFINE.match(line.text) for line in fragment_lines(fragment, ""))
    return tuple(each[1] for each in found if each)


@per_fragment
def _code(fragment: Fragment) -> str:
    """Give the text with comments and continuation marks blanked, line for line."""
    numbered = [(line.number, line.text.rstrip().removesuffix("\\")) for line in fragment.lines]
    kept = {line.number: line.text for line in code_lines("", numbered)}
    indented = (
        " " * (len(text) - len(text.lstrip())) + kept.get(number, "") for number, text in numbered
    )
    return "\n".join(indented)


def _one(path: str, statement: AsmStatement, template: Template, found: Found) -> None:
    expander = Expander(template.definitions)
    written = expander.run(template.lines(path))
    program = _program(path, statement, written, expander)
    calls = [at for at, line in enumerate(program.code) if is_seamcall(line.text)]
    for call in calls[:8]:
        frame = frame_of(template, written)
        routine = Subroutine(
            program=program,
            start=0,
            end=len(program.code),
            call=call,
            names=expander,
            frame=frame,
            readable=not any(opaque(line) for line in program.code if line.text not in _OURS),
        )
        diagnosis = _seen_from_c(diagnose(routine), statement, program)
        put(diagnosis, routine, statement.function, found)
        found.stuck += [(path, f"{statement.function}: {reason}") for reason in diagnosis.stuck]


def _program(
    path: str, statement: AsmStatement, written: list[Line], expander: Expander
) -> Program:
    end = statement.end_line
    labels = [Line(path, end, f"{C_LABEL}{name}:") for name in statement.goto_labels]
    away = Line(path, end, _AWAY)
    lines = [*written, Line(path, end, END_OF_TEMPLATE), *labels, away]
    return build_program(lines, expander)


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


def _seen_from_c(diagnosis: Diagnosis, statement: AsmStatement, program: Program) -> Diagnosis:
    """Take back what C code can still put right: flags that it is given, numbers that it tests."""
    flags = any("@cc" in o.constraint or "CC_OUT" in o.constraint for o in statement.outputs)
    in_c = bool(_C_TESTS.search(statement.after))
    diagnosis.faults = [
        fault
        for fault in diagnosis.faults
        if not (isinstance(fault.value, Vmfail | Flags) and (flags or _taken(program)))
        and not (fault.value is TrapStatus.RAW and in_c)
    ]
    return diagnosis


def _taken(program: Program) -> bool:
    return any(line.text.startswith(_CARRY_TAKEN) for line in program.code)
