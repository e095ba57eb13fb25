"""Operands in AT&T syntax: registers, immediates, memory."""

import re

from msgspec import Struct

from tdxreview.asm.lexer import split_arguments
from tdxreview.regex import regex

_LONG = ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi")
GENERAL = (*_LONG, *(f"r{n}" for n in range(8, 16)))
"""The sixteen general registers by their 64-bit names."""

_MEMORY = regex(r"([^()]*(?:\([^()%]*\)[^()]*)*)\(\s*(%[^()]*)\)")


def _widths() -> dict[str, tuple[str, int, int]]:
    """Map every register name to its 64-bit register, width in bits and shift."""
    table = {name: (name, 64, 0) for name in GENERAL}
    for name in _LONG:
        table["e" + name[1:]] = (name, 32, 0)
        table[name[1:]] = (name, 16, 0)
    for number in range(8, 16):
        table |= {
            f"r{number}{s}": (f"r{number}", w, 0) for s, w in (("d", 32), ("w", 16), ("b", 8))
        }
    for letter in "abcd":
        table[f"{letter}l"] = (f"r{letter}x", 8, 0)
        table[f"{letter}h"] = (f"r{letter}x", 8, 8)
    return table | {f"{name[1:]}l": (name, 8, 0) for name in ("rsp", "rbp", "rsi", "rdi")}


REGISTERS = _widths()
"""Every register name: its 64-bit register, its width in bits, its lowest bit."""


class Register(Struct, frozen=True):
    """A general register or a part of one."""

    name: str
    width: int
    shift: int = 0


class ImmediateValue(Struct, frozen=True):
    """An immediate, as its expression reads."""

    text: str


class Memory(Struct, frozen=True):
    """A memory operand; `displacement` is an expression, empty for none."""

    displacement: str
    base: str
    index: str
    scale: int


class Symbol(Struct, frozen=True):
    """A bare name: a jump's target, or memory at a symbol."""

    name: str


Operand = Register | ImmediateValue | Memory | Symbol


def parse_operands(text: str) -> tuple[Operand, ...] | None:
    """Give the operands of an instruction in the order written, None if one is not understood."""
    operands = tuple(parse_operand(part) for part in split_arguments(text))
    known = tuple(operand for operand in operands if operand is not None)
    return known if len(known) == len(operands) else None


def parse_operand(text: str) -> Operand | None:
    """Give one operand, None if it is not understood (segments, vector registers)."""
    if text.startswith("%"):
        found = REGISTERS.get(text[1:].strip())
        return Register(*found) if found else None
    if text.startswith("$"):
        return ImmediateValue(text[1:].strip())
    memory = _MEMORY.fullmatch(text)
    if memory:
        return _memory(memory[1].strip(), memory[2])
    return Symbol(text) if re.fullmatch(r"[.\w$]+", text) else None


def _memory(displacement: str, inside: str) -> Memory | None:
    base, index, scale = (*(part.strip() for part in inside.split(",")), "", "", "")[:3]
    names = [part.removeprefix("%") for part in (base, index)]
    if any(name and name not in {*GENERAL, "rip"} for name in names):
        return None
    if scale not in {"", "1", "2", "4", "8"}:
        return None
    return Memory(displacement, names[0], names[1], int(scale or 1))
