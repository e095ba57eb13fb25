"""SEAMCALLs that following the code did not come to: every branch, every macro, every string.

What is found here is a site of which little is known. Nothing is decided: where a condition or
a macro has several meanings, each of them is read.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from tdxreview.asm.budget import SPENT, Budget
from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.gas_expand import UNREADABLE, Expander, word_and_rest
from tdxreview.asm.gas_text import lowered
from tdxreview.asm.hints import rows_of_bytes
from tdxreview.asm.inline import any_statements, is_code
from tdxreview.asm.layout import build_program
from tdxreview.asm.lexer import Line, split_statements
from tdxreview.asm.listing import Program, is_seamcall
from tdxreview.asm.preprocessor import Preprocessor
from tdxreview.facts.trap.found import Found
from tdxreview.facts.trap.header_assembly import assembly_parts
from tdxreview.kernel.knowledge import Abi
from tdxreview.regex import regex
from tdxreview.source.model import Image

_RAW = regex(r"_*seamcall\w*")
_TOKEN = regex(r"[A-Za-z_]\w*")
_STRING = regex(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_MODULE_MACRO = regex(r"\w*(?:SEAMCALL|TDX_MODULE_CALL|SEAM_CALL)\w*")
_NAMING = frozenset(
    {
        *(".quad", ".8byte", ".long", ".4byte", ".int", ".dc.a", ".dc.l"),
        *(".set", ".equ", ".equiv", ".weakref", ".symver"),
    }
)
_OPENS = regex(r"\.(?:include|incbin|insn)")
_NOT_CODE = regex(
    r"SYM_(?!\w*ALIAS)\w+|EXPORT_SYMBOL\w*|ANNOTATE_\w+|_ASM_\w+|STACK_FRAME_\w+|ENTRY|END\w*"
)
_TELLING = regex(r"seamcall|tdx_?module_?call|seam_?call", re.IGNORECASE)
_NUMBER = regex(r"0[xX][0-9a-fA-F]{8,32}\b")
_BYTES = "cf010f66"


class Sweep:
    """Reads files once more, with everything in them, and adds what was not seen."""

    def __init__(
        self, images: Mapping[str, Image], constants: Mapping[str, int], abi: Abi, found: Found
    ) -> None:
        self._images = images
        self._constants = constants
        self._found = found
        self._budget = Budget()
        self._callees = {wrapper.name for wrapper in abi.wrappers} | found.functions()

    def assembly(self, path: str) -> None:
        """Sweep an assembly file, with what it includes."""
        definitions = Definitions(self._constants)
        expander = Expander(definitions, self._budget, every=True)
        preprocessor = Preprocessor(self._images, definitions, self._budget, every=True)
        written = expander.run(preprocessor.statements(path))
        self._take(path, written, expander)
        self._take_leftovers(path, definitions, expander)
        if expander.cut or self._budget.spent:
            self._found.stuck.append((path, SPENT))

    def _take_leftovers(self, path: str, definitions: Definitions, expander: Expander) -> None:
        for name, lines in _leftovers(definitions, expander):
            self._take(path, expander.using(lines), expander, name)

    def header(self, image: Image) -> None:
        """Sweep the assembly in a header that no assembly file in view includes."""
        lines = list(assembly_parts(image))
        if lines:
            definitions = Definitions(self._constants)
            expander = Expander(definitions, self._budget, every=True)
            self._take(image.path, expander.run(lines), expander)
            self._take_leftovers(image.path, definitions, expander)

    def inline(self, image: Image, definitions: Definitions) -> None:
        """Sweep the assembly in the strings of a C file."""
        for function, lines in any_statements(image, definitions):
            expander = Expander(definitions, self._budget, every=True)
            self._take(image.path, expander.run(lines), expander, function)

    def rows(self, image: Image) -> None:
        """Name the rows of numbers that are the bytes of a SEAMCALL, outside of assembly."""
        rows = ((each, line) for each in image.fragments for line in rows_of_bytes(each))
        for fragment, line in rows:
            if (image.path, line) not in self._found.seen and is_code(fragment, line):
                reason = f"line {line}: a row of numbers is the bytes of a SEAMCALL"
                self._found.stuck.append((image.path, reason))

    def _take(self, path: str, lines: list[Line], names: Expander, function: str = "") -> None:
        parts = list(_with_strings(lines))
        program = build_program(parts, names)
        around = _Functions(program, function)
        for at, line in enumerate(program.code):
            self._statement(path, line, around.name(at, line))

    def _statement(self, path: str, line: Line, function: str) -> None:
        if is_seamcall(line.text):
            if (line.path, line.number) not in self._found.seen:
                self._found.add(function, line, {}, partial=True)
            return
        word, rest = word_and_rest(line.text)
        callee = self._callee(word, rest)
        if callee and callee != function:
            self._found.call(function, line, callee)
        elif line.text.startswith(UNREADABLE) and _TELLING.search(line.text):
            reason = f"line {line.number}: {line.text.removeprefix(UNREADABLE).strip()}"
            self._found.stuck.append((line.path or path, reason))
        elif _OPENS.fullmatch(word) or any(_BYTES in n.lower() for n in _NUMBER.findall(rest)):
            reason = f"line {line.number}: `{line.text[:60]}` may hold a SEAMCALL"
            self._found.stuck.append((line.path or path, reason))

    def _callee(self, word: str, rest: str) -> str:
        """Name the SEAMCALL function that a statement goes on in, or takes the address of."""
        if not rest and self._is_callee(word):
            return word
        if _MODULE_MACRO.fullmatch(word):
            return word if "host=0" not in rest else ""
        if word.startswith(".") and word not in _NAMING:
            return ""
        if not word or not rest or _NOT_CODE.fullmatch(word) or word == UNREADABLE:
            return ""
        names = (name for name in _TOKEN.findall(rest) if self._is_callee(name))
        return next(names, "")

    def _is_callee(self, name: str) -> bool:
        return name in self._callees or _RAW.fullmatch(name) is not None


class _Functions:
    """Which function a statement of a program stands in."""

    def __init__(self, program: Program, otherwise: str) -> None:
        self._functions = sorted(program.functions, key=lambda each: each.start)
        self._starts = [each.start for each in self._functions]
        self._otherwise = otherwise

    def name(self, at: int, line: Line) -> str:
        """Name the function, else the macro, empty if there is none."""
        place = bisect_right(self._starts, at) - 1
        if place >= 0 and at < self._functions[place].end:
            return self._functions[place].name
        return self._otherwise or (word_and_rest(line.via[-1][2])[0] if line.via else "")


def _leftovers(definitions: Definitions, expander: Expander) -> Iterator[tuple[str, list[Line]]]:
    """Give the macros that nothing used, and those that others took the place of."""
    for macro in definitions.unused():
        if macro.line is not None:
            statements = split_statements(macro.body)
            yield "", [macro.line._replace(text=_lowered(text)) for text in statements]
    for gas in expander.unused():
        yield gas.name, list(gas.body)


def _lowered(text: str) -> str:
    """Give a statement in small letters where GNU as does not tell the case."""
    return lowered(text, (), ())


def _with_strings(lines: Iterable[Line]) -> Iterator[Line]:
    """Put behind each use of a macro that is not in view what its strings say."""
    for line in lines:
        yield line
        word, rest = word_and_rest(line.text)
        if word.isupper() and '"' in rest and not word.startswith("."):
            for text in _STRING.findall(rest):
                for statement in split_statements(text.replace("\\n", ";").replace("\\t", " ")):
                    yield line._replace(text=_lowered(statement))
