"""What is to be proven: assembly files with their functions, and `asm` statements made into one."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from tdxreview.asm.border import border
from tdxreview.asm.budget import SPENT, Budget
from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.gas_expand import UNREADABLE, Expander, word_and_rest
from tdxreview.asm.hints import may_hold_inline
from tdxreview.asm.inline import all_definitions, frame_of, seamcall_statements
from tdxreview.asm.layout import build_program
from tdxreview.asm.lexer import GAP, Line, image_lines
from tdxreview.asm.listing import NOTHING, Function, Program, is_seamcall
from tdxreview.asm.operands import REGISTERS
from tdxreview.asm.oracle import C_FUNCTION, Frame
from tdxreview.asm.preprocessor import Preprocessor
from tdxreview.source.file_kinds import is_assembly
from tdxreview.source.model import Image

_OTHER = frozenset({".include", ".incbin", ".mri", ".intel_syntax"})
"""Directives after which the text is not all that is assembled, or is another language."""


class Task(Struct, frozen=True):
    """A function to run: the name that a report gives it, its code, what it is entered with."""

    name: str
    function: Function
    frame: Frame


class Unit(Struct, frozen=True):
    """A program to assemble, and what of it is to be run.

    `path` is what a report calls it; `names` gives the values of its symbols. `problem` says why
    it cannot be assembled.
    """

    path: str
    program: Program
    names: Expander
    tasks: tuple[Task, ...]
    problem: str = ""


def _known_enough(image: Image) -> bool:
    """Tell whether an image is whole, or but for the middle of a comment."""
    if image.whole:
        return True
    gaps = [line for line in image_lines(image) if line.text == GAP]
    starts = image.fragments[0].start if image.fragments else 0
    return starts == 1 and len(gaps) <= 2  # noqa: PLR2004 -- both ends


def units(
    known: Mapping[str, Image], constants: Mapping[str, int], budget: Budget
) -> Iterator[Unit]:
    """Give what there is to prove in the images, in the order of their paths."""
    shared: list[Definitions] = []
    for path in sorted(known):
        reasons: list[str] = []
        found: list[Unit] = []
        with border(reasons.append):
            if is_assembly(path):
                found += _file(path, known, Definitions(constants), budget)
            elif path.endswith((".c", ".h")) and any(map(may_hold_inline, known[path].fragments)):
                shared = shared or [all_definitions(known, constants)]
                found += _statements(known[path], shared[0], budget)
        yield from found
        yield from (Unit(path, NOTHING, Expander(Definitions()), (), why) for why in reasons)


def _file(
    path: str, known: Mapping[str, Image], definitions: Definitions, budget: Budget
) -> Iterator[Unit]:
    expander = Expander(definitions, budget)
    preprocessor = Preprocessor(known, definitions, budget)
    program = build_program(expander.run(preprocessor.statements(path)), expander)
    calls = _functions_with_calls(program)
    tasks = tuple(Task(function.name, function, C_FUNCTION) for function in calls)
    if tasks:
        problem = "" if _known_enough(known[path]) else "the file is not known whole"
        problem = problem or preprocessor.problem or (SPENT if expander.cut else "")
        problem = problem or _brings_text(program)
        yield Unit(path, program, expander, tasks, problem)


def _brings_text(program: Program) -> str:
    """Say which statement puts code there that is not in view, empty for none."""
    words = (word_and_rest(line.text)[0] for line in program.code)
    return next((f"`{word}` brings what is not in view" for word in words if word in _OTHER), "")


def _functions_with_calls(program: Program) -> Iterator[Function]:
    for function in program.functions:
        body = program.code[function.start : function.end]
        if any(is_seamcall(line.text) for line in body):
            yield function


def _needs_unknown(frame: Frame, lines: list[Line]) -> bool:
    """Tell whether an instruction names a register whose value at entry is not known."""
    unknown = {name for name, value in frame.registers.items() if value is None}
    named = (found for line in lines for found in re.findall(r"%(\w+)", line.text))
    return any(REGISTERS.get(name, ("",))[0] in unknown for name in named)


def _statements(image: Image, definitions: Definitions, budget: Budget) -> Iterator[Unit]:
    path = image.path
    for statement, template in seamcall_statements(image, definitions):
        name = statement.function or "asm"
        lines = list(template.lines(path))
        frame = frame_of(template, lines)
        end = statement.end_line
        around = (f"SYM_FUNC_START({name})", "RET", f"SYM_FUNC_END({name})")
        start, *after = (Line(path, end, text) for text in around)
        expander = Expander(definitions, budget)
        program = build_program(expander.run([start, *lines, *after]), expander)
        tasks = tuple(Task(name, f, frame) for f in program.functions if f.name == name)
        if not tasks or not any(is_seamcall(line.text) for line in program.code):
            continue
        problem = "it jumps to C" if statement.goto_labels else ""
        if any(line.text.startswith(UNREADABLE) for line in lines):
            problem = "a macro in it is not in view"
        if _needs_unknown(frame, lines):
            problem = "what an operand holds is not known"
        yield Unit(path, program, expander, tasks, problem)
