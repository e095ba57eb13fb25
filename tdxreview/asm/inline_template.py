"""The text of an `asm` statement as assembly lines, with registers for its operands."""

import re
from collections.abc import Iterator

from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.encoding import decoded
from tdxreview.asm.expression import evaluate
from tdxreview.asm.gas_expand import UNREADABLE
from tdxreview.asm.inline_statement import AsmOperand, AsmStatement, Variables
from tdxreview.asm.lexer import Line, split_arguments, split_statements
from tdxreview.asm.operands import GENERAL, REGISTERS
from tdxreview.kernel.names import kernel_names
from tdxreview.regex import regex

_LETTERS = {"a": "rax", "b": "rbx", "c": "rcx", "d": "rdx", "S": "rsi", "D": "rdi"}
_STRING = regex(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_DIALECTS = regex(r"(?<!%)\{([^{}|%]*)\|[^{}]*\}")
_PLACE = regex(r"%(?:%|=|([a-zA-Z])?(?:\[(\w+)\]|(\d+)))")
_PIECE = regex(r'"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*(?:\([^()]*\))?')
_WIDTH_OF = {"k": 32, "w": 16, "b": 8, "q": 64}
_DEEPEST = 8
C_LABEL = ".LC_label_"
"""What a C label is called in the assembly text."""


class Template:
    """One statement's operands bound to registers, and its text as statements with lines."""

    def __init__(
        self,
        statement: AsmStatement,
        variables: Variables,
        definitions: Definitions,
        *,
        every: bool = False,
    ) -> None:
        self._every = every
        self._statement = statement
        self.definitions = definitions
        self._operands = (*statement.outputs, *statement.inputs)
        self._values = variables.values
        self.registers = _bind(statement, variables.registers)

    @property
    def outputs(self) -> frozenset[str]:
        """Give the registers that the statement says it sets, clobbers among them."""
        bound = {r for o, r in zip(self._operands, self.registers, strict=True) if _is_output(o)}
        clobbered = {REGISTERS[name][0] for name in self._statement.clobbers if name in REGISTERS}
        return frozenset({register for register in bound if register} | clobbered)

    def inputs(self) -> Iterator[tuple[str, int | None]]:
        """Give the registers of the operands with their values, None where not known."""
        for operand, register in zip(self._operands, self.registers, strict=True):
            if register:
                yield register, evaluate(operand.expression, self)

    def value(self, name: str) -> int | None:
        """Give the value of a constant, or of a C variable that the code sets to one."""
        known = self.definitions.value(name)
        if known is not None or name not in self._values:
            return known
        return evaluate(self._values[name], self.definitions)

    def call(self, name: str, arguments: tuple[str, ...]) -> int | None:
        """Give the value of a function-like macro."""
        return self.definitions.call(name, arguments)

    def lines(self, path: str) -> Iterator[Line]:
        """Give the statements of the template."""
        for text, number in self._numbered():
            for statement in split_statements(text):
                put = _PLACE.sub(self._operand, statement)
                yield Line(path, number, self.definitions.expand(put))

    def _numbered(self) -> Iterator[tuple[str, int]]:
        pending, start = "", 0
        for text, number in self._texts(self._statement.template, 0):
            for at, part in enumerate(text.split("\n")):
                if at:
                    yield pending, start
                    pending = ""
                start = start if pending.strip() else number
                pending += part
        yield pending, start

    def _texts(self, pieces: tuple[tuple[str, int], ...], depth: int) -> Iterator[tuple[str, int]]:
        for piece, number in pieces:
            if piece.startswith('"'):
                yield _decoded(piece), number
            else:
                yield from self._word(piece, number, depth)

    def _word(self, piece: str, number: int, depth: int) -> Iterator[tuple[str, int]]:
        name, _, inside = piece.partition("(")
        if name in kernel_names().assembly.built_in or depth > _DEEPEST:
            yield f"\n{_unquoted(piece)}\n", number
        elif name == "__stringify":
            yield self.definitions.expand(inside[:-1]), number
        elif name == "_ASM_BYTES":
            yield f"\n.byte {inside[:-1]}\n", number
        elif (expanded := self.definitions.expand(piece)) != piece:
            inner = tuple((found[0], number) for found in _PIECE.finditer(expanded))
            yield from self._texts(inner, depth + 1)
        elif not self.definitions.knows(name):
            yield f"\n{UNREADABLE} {name} is not in view\n", number
            if self._every:
                yield from self._inside(inside[:-1], number, depth)

    def _inside(self, text: str, number: int, depth: int) -> Iterator[tuple[str, int]]:
        """Give what the arguments of a macro say that is not in view, one by one."""
        for argument in split_arguments(text):
            inner = tuple((found[0], number) for found in _PIECE.finditer(argument))
            if any(piece.startswith('"') for piece, _ in inner):
                yield "\n", number
                yield from self._texts(inner, depth + 1)
                yield "\n", number

    def _operand(self, found: re.Match[str]) -> str:
        if found[0] in {"%%", "%="}:
            return "%" if found[0] == "%%" else "0"
        letter, name, number = found[1] or "", found[2], found[3]
        if letter == "l":
            return C_LABEL + (name or number)
        at = self._index(name, number)
        if at is None:
            return found[0]
        operand, register = self._operands[at], self.registers[at]
        if register:
            return "%" + _part(register, _WIDTH_OF.get(letter, 64))
        if _is_constant(operand):
            return ("" if letter in {"c", "P"} else "$") + f"({operand.expression})"
        return f"C_memory_{at}(%rsp)"

    def _index(self, name: str | None, number: str | None) -> int | None:
        if number is not None:
            return int(number) if len(number) < 3 and int(number) < len(self._operands) else None  # noqa: PLR2004
        names = [operand.name for operand in self._operands]
        return names.index(name) if name in names else None


def _decoded(piece: str) -> str:
    """Give what a C string holds; of text for two dialects, that for AT&T."""
    return _DIALECTS.sub(r"\1", decoded(piece[1:-1]))


def _unquoted(piece: str) -> str:
    return _STRING.sub(r"\1", piece)


def _is_output(operand: AsmOperand) -> bool:
    return operand.constraint.startswith(("=", "+"))


def _is_constant(operand: AsmOperand) -> bool:
    return not _is_output(operand) and bool(set(operand.constraint) & set("inJKMNe"))


def _bind(statement: AsmStatement, variables: dict[str, str]) -> tuple[str, ...]:
    """Choose a register for each operand; none for constants, memory and flags."""
    operands = (*statement.outputs, *statement.inputs)
    bound = [_fixed(operand, variables) for operand in operands]
    for at, operand in enumerate(operands):
        if operand.constraint.isdigit() and int(operand.constraint) < len(bound):
            bound[at] = bound[int(operand.constraint)]
    taken = {name for name in bound if name} | {"rsp", "rbp", "rax"}
    taken |= {REGISTERS[name][0] for name in statement.clobbers if name in REGISTERS}
    for at, operand in enumerate(operands):
        if not bound[at] and _wants_register(operand):
            bound[at] = next((name for name in reversed(GENERAL) if name not in taken), "")
            taken.add(bound[at])
    return tuple(bound)


def _fixed(operand: AsmOperand, variables: dict[str, str]) -> str:
    letters = operand.constraint.lstrip("=+&")
    if letters.startswith("@") or operand.constraint.startswith("CC_OUT"):
        return ""
    if operand.expression in variables and "r" in letters:
        return REGISTERS.get(variables[operand.expression], ("",))[0]
    return _LETTERS.get(letters[:1], "") if len(letters) == 1 else ""


def _wants_register(operand: AsmOperand) -> bool:
    letters = operand.constraint.lstrip("=+&")
    return bool(set(letters) & set("rqRQ")) and not letters.startswith("@")


def _part(register: str, width: int) -> str:
    return next(n for n, (r, w, s) in REGISTERS.items() if (r, w, s) == (register, width, 0))
