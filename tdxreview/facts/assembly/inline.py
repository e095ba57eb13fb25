"""Routines of C files: the SEAMCALLs in their `asm` statements."""

import re
from collections.abc import Mapping

from tdxreview.facts.assembly.definitions import Definitions
from tdxreview.facts.assembly.expand import UNREADABLE, Expander
from tdxreview.facts.assembly.expression import evaluate
from tdxreview.facts.assembly.faults import Diagnosis, Subroutine, diagnose
from tdxreview.facts.assembly.judge import Frame
from tdxreview.facts.assembly.kinds import Flags, TrapStatus, Vmfail
from tdxreview.facts.assembly.operands import GENERAL
from tdxreview.facts.assembly.outcome import ARGUMENTS, COMMON, LEAF, start_registers
from tdxreview.facts.assembly.program import END_OF_SECTION, Program, build_program, is_seamcall
from tdxreview.facts.assembly.routines import Found, opaque, put
from tdxreview.facts.assembly.statement import (
    AsmStatement,
    asm_statements,
    read_variables,
)
from tdxreview.facts.assembly.template import C_LABEL, Template
from tdxreview.facts.assembly.text import Line, code_lines
from tdxreview.source.model import Fragment, Image

_HINT = re.compile(r"0x66\s*,\s*0x0f\s*,\s*0x01\s*,\s*0xcf|seamcall", re.IGNORECASE)
_C_TESTS = re.compile(r"\bTDX_SW_ERROR\b|\bTDX_SEAMCALL_(?:UD|GP)\b|\bX86_TRAP_(?:UD|GP)\b")
END_OF_TEMPLATE = "ASM_RET"
_AWAY = f"{UNREADABLE} it goes on in C"
_OURS = (END_OF_TEMPLATE, _AWAY, END_OF_SECTION)
_CARRY_TAKEN = ("set", "sbb", "adc", "cmov")


def inline_routines(
    image: Image, images: Mapping[str, Image], definitions: Definitions, found: Found
) -> None:
    """Look at every `asm` statement of a C file that makes a SEAMCALL."""
    fragments = [f for f in image.fragments if _may_hold_seamcall(f)]
    if not fragments:
        return
    _define_all(images, definitions)
    for fragment in fragments:
        text = _code(fragment)
        variables = read_variables(text)
        for statement in asm_statements(text, fragment.lines[0].number):
            _one(image.path, statement, Template(statement, variables, definitions), found)


def _may_hold_seamcall(fragment: Fragment) -> bool:
    texts = [line.text for line in fragment.lines]
    return any("asm" in text for text in texts) and any(map(_HINT.search, texts))


def _define_all(images: Mapping[str, Image], definitions: Definitions) -> None:
    """Take every `#define` of all files: C code sees them through headers of headers."""
    for path in sorted(images):
        for fragment in images[path].fragments:
            numbered = [(line.number, line.text) for line in fragment.lines]
            for line in code_lines(path, numbered):
                found = re.match(r"#\s*define\s+(.*)", line.text, re.DOTALL)
                if found:
                    definitions.define(found[1])


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
        frame = _frame(template, written)
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
    return build_program(lines, lambda text: evaluate(text, expander))


def _frame(template: Template, written: list[Line]) -> Frame:
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
