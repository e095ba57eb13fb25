"""A program as text of our own for the assembler: nothing in it is copied from the code.

Each instruction is printed from what was parsed: a mnemonic of a closed list, registers of a
closed list, numbers, and names that we made. Directives that could open a file, or blow up, are
not in the language that is printed.
"""

import re
from collections.abc import Iterator

from msgspec import Struct, field

from tdxreview.asm.condition_codes import CONDITIONS
from tdxreview.asm.encoding import PREFIXES, UNKNOWN_BYTE, emitted
from tdxreview.asm.expression import Names, evaluate
from tdxreview.asm.gas_expand import UNREADABLE, word_and_rest
from tdxreview.asm.lexer import GAP, Line, split_arguments
from tdxreview.asm.listing import END_OF_SECTION, Program, is_seamcall
from tdxreview.asm.operands import REGISTERS
from tdxreview.regex import regex

_SUFFIXES = ("", "b", "w", "l", "q")
_SIZED = (
    *("mov", "add", "sub", "cmp", "or", "and", "xor", "test", "push", "pop", "not", "neg", "inc"),
    *("dec", "shl", "sal", "shr", "sar", "rol", "ror", "bt", "bts", "btr", "btc", "xchg", "lea"),
    *("adc", "sbb", "bsf", "bsr", "mul", "imul", "div", "idiv", "cmpxchg", "xadd", "bswap"),
    *("call", "jmp", "ret", "leave", "shld", "shrd", "popcnt", "lzcnt", "tzcnt"),
)
MNEMONICS = frozenset(
    {
        *(f"{word}{suffix}" for word in _SIZED for suffix in _SUFFIXES),
        *("movabs", "movabsq", "movslq", "movsbl", "movsbq", "movswl", "movswq", "movsbw"),
        *("movzb", "movzw", "movzbl", "movzbw", "movzbq", "movzwl", "movzwq", "movsb", "movsw"),
        *("nop", "clc", "stc", "cmc", "cld", "std", "clac", "stac", "cli", "sti", "pushf", "popf"),
        *("pushfq", "popfq", "lfence", "mfence", "sfence", "pause", "ud2", "hlt", "int3", "cpuid"),
        *("cltq", "cqto", "cltd", "cwtl", "endbr64", "lahf", "sahf", "rdtsc", "lods", "stos"),
        *(f"j{code}" for code in CONDITIONS),
        *(f"set{code}" for code in CONDITIONS),
        *(f"cmov{code}{suffix}" for code in CONDITIONS for suffix in ("", "l", "q")),
    }
)
"""Every instruction that is assembled; none of them reads a file."""
_INSTEAD = {
    "RET": ("ret",),
    "ASM_RET": ("ret",),
    "FRAME_BEGIN": ("push %rbp", "mov %rsp,%rbp"),
    "FRAME_END": ("pop %rbp",),
}
_SILENT = regex(
    r"\.(?:globl|global|type|size|weak|local|hidden|protected|internal|code64|ident|file|loc|att_syntax"
    r"|cfi_\w+|altmacro|noaltmacro|purgem)|ANNOTATE_\w+|UNWIND_HINT\w*|ASM_CLAC|ASM_STAC|ENDBR"
    r"|ASM_ENDBR|EXPORT_SYMBOL\w*|STACK_FRAME_NON_STANDARD\w*|SYM_\w+|__FUNC_ALIGN"
)
_SEAMCALL = (".byte 0x66,0x0f,0x01,0xcf",)
_FIXED = {
    "tdcall": (".byte 0x66,0x0f,0x01,0xcc",),
    **_INSTEAD,
    **{word: (f".byte {ord(sign):#04x}",) for word, sign in PREFIXES.items()},
}
_ALIGNING = frozenset({".align", ".balign", ".p2align"})
_LARGEST_ALIGNMENT = 4096
_MEMORY = regex(r"([^()]*(?:\([^()%]*\)[^()]*)*)\(\s*(%[^()]*|,[^()]*)\)")
_NAME = regex(r"[A-Za-z_.$][\w.$]*(?:@PLT)?|\d+[bf]")
_JUMPS = regex(r"j\w+|callq?")
_THUNK = "__x86_return_thunk"
_MOST_LINES = 30_000
_STOP = "ud2"


class UnprintableError(Exception):
    """A statement has no canonical form; the message says which and why."""


class Printed(Struct):
    """Text for the assembler, and what our names in it mean.

    `steps` gives for the label of each instruction how a report shows it. `unprinted` gives,
    by the number of the instruction, why a statement was left out; an instruction that traps
    stands in its place. `problem` says why nothing can be assembled.
    """

    lines: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    steps: dict[str, str] = field(default_factory=dict)
    unprinted: dict[int, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def text(self) -> str:
        """Give what the assembler reads."""
        return "\n".join((*self.lines, ""))

    def put(self, place: int, *lines: str) -> None:
        """Add lines that stand for one instruction."""
        self.lines += lines
        self.places += [place] * len(lines)

    def place_of(self, number: int) -> int:
        """Give the instruction that a line of the text (from 1) stands for, -1 for none."""
        return self.places[number - 1] if 0 < number <= len(self.places) else -1


def label(place: int) -> str:
    """Name an instruction in the printed text."""
    return f"i{place}"


def printed(program: Program, names: Names) -> Printed:
    """Print a whole program; what has no canonical form is left out, and said."""
    if len(program.code) > _MOST_LINES:
        return Printed(problem="it is too long to be run")
    return _Printer(program, names).all()


class _Printer:
    def __init__(self, program: Program, names: Names) -> None:
        self._program = program
        self._names = names
        self._outside: dict[str, str] = {}
        self._out = Printed()

    def all(self) -> Printed:
        section = 0
        self._out.put(-1, f'.section .code{section},"ax"')
        for place, line in enumerate(self._program.code):
            if line.text == END_OF_SECTION:
                section += 1
                self._out.put(place, f"{label(place)}:", _STOP, f'.section .code{section},"ax"')
            else:
                self._one(place, line)
        self._table()
        return self._out

    def _one(self, place: int, line: Line) -> None:
        self._out.put(place, f"{label(place)}:")
        try:
            statements = self._statement(place, line)
        except UnprintableError as error:
            self._out.unprinted[place] = str(error)
            statements = (_STOP,)
        self._out.steps[label(place)] = self._step(line)
        self._out.put(place, *statements)

    def _step(self, line: Line) -> str:
        """Give an instruction as a report shows it: the code's own names, our spacing."""
        if is_seamcall(line.text):
            return "seamcall"
        word, rest = word_and_rest(line.text)
        operands = (self._shown(part) for part in split_arguments(rest))
        return f"{_INSTEAD.get(word, (word,))[0]} {','.join(operands)}".strip()

    def _shown(self, operand: str) -> str:
        try:
            return self._operand(operand, "", -1)
        except UnprintableError:
            return operand

    def _statement(self, place: int, line: Line) -> tuple[str, ...]:
        word, rest = word_and_rest(line.text)
        if line.text == GAP or word == UNREADABLE or line.text.startswith(UNREADABLE):
            raise UnprintableError(line.text.removeprefix(UNREADABLE).strip(" \0") or "a gap")
        fixed = _SEAMCALL if is_seamcall(line.text) else _FIXED.get(line.text)
        if fixed is not None:
            return fixed
        if _SILENT.fullmatch(word):
            return ()
        if word.startswith("."):
            return self._directive(word, rest)
        if word not in MNEMONICS:
            raise UnprintableError(f"`{word[:40]}` is not an instruction that is assembled")
        return (self._instruction(word, rest, place),)

    def _directive(self, word: str, rest: str) -> tuple[str, ...]:
        data = emitted(word, rest, self._names)
        if data is not None and UNKNOWN_BYTE not in data:
            return tuple(_bytes(data))
        if word in _ALIGNING:
            return (self._alignment(word, rest),)
        raise UnprintableError(f"the directive `{word[:40]}` is not one that is assembled")

    def _alignment(self, word: str, rest: str) -> str:
        value = evaluate((*split_arguments(rest), "")[0], self._names)
        size = value
        if word == ".p2align" and value is not None:
            size = 1 << value if value in range(13) else None
        if size is None or not 0 < size <= _LARGEST_ALIGNMENT or size & (size - 1):
            raise UnprintableError(f"`{word} {rest[:40]}` may be huge")
        return f".balign {size},0x90"

    def _instruction(self, word: str, rest: str, place: int) -> str:
        if word in {"jmp", "jmpq"} and rest.removesuffix("@PLT") == _THUNK:
            return "ret"
        operands = (self._operand(part, word, place) for part in split_arguments(rest))
        return f"{word} {','.join(operands)}".strip()

    def _operand(self, text: str, word: str, place: int) -> str:
        if text.startswith("*") and (_JUMPS.fullmatch(word) or place < 0):
            return "*" + self._operand(text[1:].strip(), "", place)
        if text.startswith("%"):
            return self._register(text)
        if text.startswith("$"):
            return "$" + self._number_or_name(text[1:].strip(), place)
        found = _MEMORY.fullmatch(text)
        if found:
            before = found[1].strip()
            inside = ",".join(self._inside(part.strip()) for part in found[2].split(","))
            return (self._number_or_name(before, place) if before else "") + f"({inside})"
        return self._number_or_name(text, place)

    def _register(self, text: str) -> str:
        name = text.removeprefix("%").strip()
        if name not in REGISTERS and name not in {"rip", "eip"}:
            raise UnprintableError(f"`{text[:40]}` is not a register that is known")
        return f"%{name}"

    def _inside(self, text: str) -> str:
        return text if text in {"", "1", "2", "4", "8"} else self._register(text)

    def _number_or_name(self, text: str, place: int) -> str:
        value = None if re.fullmatch(r"\d+[bf]", text) else evaluate(text, self._names)
        if value is not None and -(1 << 63) <= value < 1 << 64:
            return f"{value:#x}"
        bare = text[1:-1].strip() if text[:1] == "(" and text[-1:] == ")" else text
        if not _NAME.fullmatch(bare):
            raise UnprintableError(f"`{text[:40]}` is neither a number nor a name")
        return bare if place < 0 else self._name(bare.removesuffix("@PLT"), place)

    def _name(self, name: str, place: int) -> str:
        target = self._program.target(name, self._program.orders[place])
        if target is not None:
            return label(target)
        return self._outside.setdefault(name, f"x{len(self._outside)}")

    def _table(self) -> None:
        self._out.put(-1, '.section __ex_table,"a"', ".balign 4")
        for entry in self._program.entries:
            start = self._program.target(entry.start, entry.order)
            target = self._program.fixup_of(entry)
            if start is None or target is None or entry.kind is None:
                self._out.problem = (
                    f"the exception-table entry in line {entry.line.number} is not understood"
                )
                return
            kind = entry.kind & 0xFFFF_FFFF
            self._out.put(
                -1,
                f".long {label(start)} - .",
                f".long {label(target)} - .",
                f".long {kind:#x}",
            )


def _bytes(data: str) -> Iterator[str]:
    for start in range(0, len(data), 16):
        yield ".byte " + ",".join(f"{ord(sign):#04x}" for sign in data[start : start + 16])
