"""Routines of assembly files: every SEAMCALL of every function, and one subject a place."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product

from tdxreview.asm.budget import SPENT, Budget
from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.gas_expand import UNREADABLE, Expander, word_and_rest
from tdxreview.asm.gas_macro import GasMacro, condition_parameters
from tdxreview.asm.layout import build_program
from tdxreview.asm.lexer import GAP, Line
from tdxreview.asm.listing import Function, Program, is_seamcall
from tdxreview.asm.preprocessor import Preprocessor
from tdxreview.facts.trap.diagnose import diagnose
from tdxreview.facts.trap.diagnosis import Diagnosis, Subroutine
from tdxreview.facts.trap.found import Found
from tdxreview.facts.trap.schema import Exit, Labels, NoinstrSection
from tdxreview.facts.trap.wanted import Wanted
from tdxreview.kernel.context import Section
from tdxreview.kernel.tdx import Outputs
from tdxreview.source.file_kinds import is_assembly
from tdxreview.source.model import Image
from tdxreview.source.place import Step

_MOST_SWITCHES = 4
_MOST_STEPS = 12
TOO_MUCH = "not followed: the code before it took all that a run may cost"


SECTIONS = {
    ".text": Section.TEXT,
    ".noinstr.text": Section.NOINSTR,
    ".entry.text": Section.NOINSTR,
    ".init.text": Section.INIT,
    ".exit.text": Section.EXIT,
}
"""The sections of code by the names that the kernel's linker script has for them."""


def file_routines(
    path: str,
    images: Mapping[str, Image],
    definitions: Definitions,
    wanted: Wanted,
    found: Found,
    budget: Budget,
) -> None:
    """Look at every SEAMCALL of the file's functions, and at macros that nothing uses."""
    preprocessor = Preprocessor(images, definitions, budget)
    expander = Expander(definitions, budget)
    flat = expander.run(preprocessor.statements(path))
    program = build_program(flat, expander)
    _program_routines(program, expander, wanted, found)
    for lines in _macros_alone(path, images, expander):
        alone = build_program(lines, expander)
        _program_routines(alone, expander, wanted, found)

    if expander.cut or budget.spent:
        found.stuck.append((path, SPENT))


def _program_routines(program: Program, expander: Expander, wanted: Wanted, found: Found) -> None:
    repeated = [line for line in program.repeated if line.via]
    only = _first_call(program) if repeated else None
    for function in program.functions:
        calls = _calls(program, function)
        readable = bool(calls) and _is_readable(program, function)
        for call in calls:
            if not repeated or call == only:
                given = _one(program, function, call, expander, found, readable=readable)
                if len(calls) == 1:
                    _promise(function, program.code[call], given, wanted, found)
        if calls:
            _section(function, wanted.noinstr.get(function.name), found)
    for line in repeated:
        steps = (Step(*line.via[-1]),)
        name = _function_of(program, line)
        found.wrong(name, line, ("labels", Labels.REPEATED), steps)


def _calls(program: Program, function: Function) -> list[int]:
    places = range(function.start, function.end)
    return [place for place in places if is_seamcall(program.code[place].text)]


def _first_call(program: Program) -> int | None:
    return next((at for at, line in enumerate(program.code) if is_seamcall(line.text)), None)


def _function_of(program: Program, line: Line) -> str:
    where = [f for f in program.functions if (f.line.path, f.line.number) <= line.via[0][:2]]
    return where[-1].name if where else ""


def _is_readable(program: Program, function: Function) -> bool:
    body = program.code[function.start : function.end]
    return function.whole and not any(map(opaque, body))


def _one(
    program: Program,
    function: Function,
    call: int,
    expander: Expander,
    found: Found,
    *,
    readable: bool,
) -> Outputs:
    """Look at one SEAMCALL; give the outputs that it gives back, by what it stores."""
    line = program.code[call]
    routine = Subroutine(
        program=program,
        start=function.start,
        end=function.end,
        call=call,
        names=expander,
        readable=readable,
    )
    diagnosis = followed(routine, found) if function.whole else Diagnosis()
    section = SECTIONS.get(function.section, Section.UNKNOWN)
    put(diagnosis, routine, function.name, found, section)
    if function.whole:
        found.stuck += [(line.path, f"{function.name}: {reason}") for reason in diagnosis.stuck]
    return diagnosis.outputs


def _promise(function: Function, call: Line, given: Outputs, wanted: Wanted, found: Found) -> None:
    """Tell that a function of the kernel's gives back less than its callers know it for."""
    if wanted.more(function.name, given):
        steps = _steps(call, [], f"callers of {function.name}() read more than it gives back")
        found.wrong(function.name, function.line, ("exits", Exit.OUTPUTS), steps)


def followed(routine: Subroutine, found: Found) -> Diagnosis:
    """Follow a SEAMCALL's ways out; not at all once the code before took what a run may cost."""
    if found.exhausted:
        return Diagnosis(stuck={TOO_MUCH})
    diagnosis = diagnose(routine)
    found.followed += diagnosis.steps
    return diagnosis


def put(
    diagnosis: Diagnosis,
    routine: Subroutine,
    name: str,
    found: Found,
    section: Section = Section.UNKNOWN,
) -> None:
    """Put a diagnosis into what was found, each fault at its line with the steps that show it."""
    code = routine.program.code
    call = code[routine.call]
    right: dict[str, StrEnum] = {
        "labels": Labels.UNIQUE,
        "noinstr_section": NoinstrSection.FREE,
        "section": section,
    }
    found.add(name, call, right | diagnosis.facts, partial=not routine.readable)
    for fault in diagnosis.faults:
        way = [code[place] for place in fault.way]
        steps = _steps(call, way, fault.note)
        found.wrong(name, code[fault.place], (fault.fact, fault.value), steps)
    for wrong in diagnosis.entry_faults:
        steps = _steps(call, [], "")
        found.wrong(name, wrong.entry.line, (wrong.fact, wrong.value), steps)


def _steps(call: Line, way: list[Line], note: str) -> tuple[Step, ...]:
    uses = [Step(path, number, text) for path, number, text in call.via]
    told = [Step(call.path, call.number, f"{call.text}: {note}" if note else call.text)]
    shown = [
        Step(line.path, line.number, line.text)
        for line in way
        if line.path and line.text != "ASM_RET"
    ]
    return (*uses, *told, *shown[:_MOST_STEPS])


def opaque(line: Line) -> bool:
    """Tell whether a statement may hide anything: a macro out of view, an unread condition."""
    word, _ = word_and_rest(line.text)
    if line.text.startswith(UNREADABLE):
        return True
    plain = word.islower() and word.isalnum()
    return (
        not plain
        and not word.startswith((".", "ANNOTATE_", "UNWIND_HINT", "SYM_"))
        and (word not in _KNOWN_WORDS)
    )


_KNOWN_WORDS = frozenset({"FRAME_BEGIN", "FRAME_END", "RET", "ENDBR", "ASM_CLAC", "ASM_STAC"})


def _section(function: Function, caller: Step | None, found: Found) -> None:
    if caller is None or function.section in {".noinstr.text", ".entry.text"}:
        return
    found.wrong(function.name, function.line, ("noinstr_section", NoinstrSection.LEFT), (caller,))


def _macros_alone(
    path: str, images: Mapping[str, Image], expander: Expander
) -> Iterator[list[Line]]:
    """Give uses of the file's own macros that nothing in view uses: one for each way to switch."""
    everywhere = _used_words(images)
    for macro in expander.macros.values():
        own = all(line.path == path for line in macro.body)
        if own and macro.name not in expander.used and macro.name not in everywhere:
            yield from _switched(macro, expander)


def _used_words(images: Mapping[str, Image]) -> frozenset[str]:
    return frozenset(
        words[0]
        for path, image in images.items()
        if is_assembly(path)
        for line in image.lines
        if (words := line.text.split(maxsplit=1))
    )


def _switched(macro: GasMacro, expander: Expander) -> Iterator[list[Line]]:
    switches = condition_parameters(macro)[:_MOST_SWITCHES]
    head = macro.body[0] if macro.body else Line("", 0, GAP)
    for values in product("10", repeat=len(switches)):
        asked = " ".join(f"{name}={value}" for name, value in zip(switches, values, strict=True))
        use = head._replace(text=f"{macro.name} {asked}", via=())
        lines = expander.using([use])
        if any(is_seamcall(line.text) for line in lines):
            name = f"{macro.name} {asked}".strip()
            start = head._replace(text=f"SYM_FUNC_START({name})", via=())
            yield [start, *lines, head._replace(text=f"SYM_FUNC_END({name})", via=())]
