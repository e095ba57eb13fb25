"""Routines of C files: the SEAMCALLs in their `asm` statements."""

from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.gas_expand import UNREADABLE, Expander
from tdxreview.asm.inline import frame_of, seamcall_statements
from tdxreview.asm.inline_statement import AsmStatement
from tdxreview.asm.inline_template import C_LABEL, Template
from tdxreview.asm.layout import build_program
from tdxreview.asm.lexer import Line
from tdxreview.asm.listing import END_OF_SECTION, Program, is_seamcall
from tdxreview.facts.trap.diagnosis import Diagnosis, Subroutine
from tdxreview.facts.trap.found import Found
from tdxreview.facts.trap.routines import followed, opaque, put
from tdxreview.facts.trap.schema import Flags, TrapStatus, Vmfail
from tdxreview.regex import regex
from tdxreview.source.model import Image

_C_TESTS = regex(r"\bTDX_SW_ERROR\b|\bTDX_SEAMCALL_(?:UD|GP)\b|\bX86_TRAP_(?:UD|GP)\b")
END_OF_TEMPLATE = "ASM_RET"
_AWAY = f"{UNREADABLE} it goes on in C"
_OURS = (END_OF_TEMPLATE, _AWAY, END_OF_SECTION)
_CARRY_TAKEN = ("set", "sbb", "adc", "cmov")


def inline_routines(image: Image, definitions: Definitions, found: Found) -> None:
    """Look at every `asm` statement of a C file that makes a SEAMCALL."""
    for statement, template in seamcall_statements(image, definitions):
        _one(image.path, statement, template, found)


def _one(path: str, statement: AsmStatement, template: Template, found: Found) -> None:
    expander = Expander(template.definitions)
    written = expander.run(template.lines(path))
    program = _program(path, statement, written, expander)
    calls = [at for at, line in enumerate(program.code) if is_seamcall(line.text)]
    for call in calls:
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
        diagnosis = _seen_from_c(followed(routine, found), statement, program)
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
