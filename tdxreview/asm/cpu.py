"""A small machine that runs instructions as they are written, and knows what it does not know."""

from tdxreview.asm.expression import Names, evaluate
from tdxreview.asm.gas_expand import UNREADABLE, word_and_rest
from tdxreview.asm.lexer import Line
from tdxreview.asm.operands import ImmediateValue, Memory, Operand, Register, Symbol
from tdxreview.asm.outcomes import (
    STACK_LOW,
    STACK_TOP,
    Store,
    in_arguments,
    memory_word,
)

MASK = (1 << 64) - 1
_IMMEDIATE_BITS = 31


class StuckError(Exception):
    """The machine cannot tell what comes next."""


class Machine:
    """Registers, flags and memory; a value is None where it is not known."""

    def __init__(self, registers: dict[str, int | None], names: Names) -> None:
        self.registers = dict(registers)
        self.flags: dict[str, bool | None] = dict.fromkeys(("cf", "zf", "sf", "of", "pf"))
        self.carry_from = -1
        self.carry_tests: list[tuple[int, int]] = []
        self.stores: list[Store] = []
        self.too_wide: list[int] = []
        self.place = 0
        self._memory: dict[int, int | None] = {}
        self._names = names
        self._fields: dict[str, int] = {}

    def read(self, operand: Operand, width: int) -> int | None:
        """Give an operand's value."""
        match operand:
            case Register(name, _, shift):
                value = self.registers.get(name)
                return None if value is None else (value >> shift) & ((1 << width) - 1)
            case ImmediateValue(text):
                return self._immediate(text, width)
            case Memory():
                return self.load(self.address(operand), width)
            case Symbol():
                return None

    def write(self, operand: Operand, width: int, value: int | None) -> None:
        """Set an operand; a 32-bit write to a register clears its upper half."""
        match operand:
            case Register(name, _, shift):
                self._set_register(name, width, shift, value)
            case Memory():
                self.store(self.address(operand), width, value)
            case _:
                raise StuckError("store to a symbol")

    def _set_register(self, name: str, width: int, shift: int, value: int | None) -> None:
        old = self.registers.get(name)
        if value is None:
            self.registers[name] = None
        elif width >= 32:  # noqa: PLR2004 -- Intel SDM vol. 1, 3.4.1.1
            self.registers[name] = value & ((1 << width) - 1)
        elif old is not None:
            part = ((1 << width) - 1) << shift
            self.registers[name] = (old & ~part) | ((value << shift) & part)

    def _immediate(self, text: str, width: int) -> int | None:
        value = evaluate(text, self._names)
        return None if value is None else value & ((1 << width) - 1)

    def check_immediate(self, operand: Operand, width: int, *, moves: bool) -> None:
        """Note an immediate that its instruction has no room for; only mov takes 64 bits."""
        if not isinstance(operand, ImmediateValue) or (moves and width == 64):  # noqa: PLR2004
            return
        value = evaluate(operand.text, self._names)
        if value is None:
            return
        bits = min(width, _IMMEDIATE_BITS + 1) - 1
        unsigned = width <= 32  # noqa: PLR2004
        highest = (1 << (bits + unsigned)) - 1
        wrapped = width == 64 and MASK - (1 << bits) < value <= MASK  # noqa: PLR2004
        if not (-(1 << bits) <= value <= highest or wrapped):
            self.too_wide.append(self.place)

    def address(self, memory: Memory) -> int | None:
        """Give the address of a memory operand."""
        if memory.base == "rip":
            return None
        parts = [self.registers.get(memory.base) if memory.base else 0]
        if memory.index:
            index = self.registers.get(memory.index)
            parts.append(None if index is None else index * memory.scale)
        parts.append(self._displacement(memory.displacement))
        known = [part for part in parts if part is not None]
        return sum(known) & MASK if len(known) == len(parts) else None

    def _displacement(self, text: str) -> int:
        """Give a displacement; a name without a value (asm-offsets) is a field of its own."""
        if not text:
            return 0
        value = evaluate(text, self._names)
        if value is not None:
            return value
        return self._fields.setdefault(text, 0x400 + 8 * len(self._fields))

    def load(self, address: int | None, width: int) -> int | None:
        """Give what memory holds."""
        if address is None:
            return None
        parts = [self._byte(address + at) for at in range(width // 8)]
        if any(part is None for part in parts):
            return None
        return int.from_bytes(bytes(part for part in parts if part is not None), "little")

    def _byte(self, address: int) -> int | None:
        if address in self._memory:
            return self._memory[address]
        if in_arguments(address):
            return memory_word(address & ~7).to_bytes(8, "little")[address & 7]
        return None

    def store(self, address: int | None, width: int, value: int | None) -> None:
        """Put a value into memory."""
        if address is None:
            raise StuckError("store to an address that is not known")
        if not STACK_LOW <= address < STACK_TOP:
            self.stores.append(Store(address, value, self.place))
        raw = None if value is None else (value & ((1 << width) - 1)).to_bytes(width // 8, "little")
        for at in range(width // 8):
            self._memory[address + at] = None if raw is None else raw[at]

    def push(self, value: int | None) -> None:
        """Put a value on the stack."""
        self._move_stack(-8)
        self.store(self.registers["rsp"], 64, value)

    def pop(self) -> int | None:
        """Take a value from the stack."""
        value = self.load(self.registers["rsp"], 64)
        self._move_stack(8)
        return value

    def _move_stack(self, by: int) -> None:
        stack = self.registers.get("rsp")
        if stack is None:
            raise StuckError("the stack pointer is not known")
        self.registers["rsp"] = stack + by

    def set_flags(
        self, result: int | None, width: int, *, carry: bool | None, over: bool | None
    ) -> None:
        """Set the flags that arithmetic sets."""
        masked = None if result is None else result & ((1 << width) - 1)
        self.flags = {
            "cf": carry,
            "zf": None if masked is None else masked == 0,
            "sf": None if masked is None else bool(masked >> (width - 1)),
            "of": over,
            "pf": None if masked is None else (masked & 0xFF).bit_count() % 2 == 0,
        }
        self.carry_from = self.place


def mnemonic(line: Line) -> tuple[str, str]:
    """Give an instruction's name and its operands' text; what was not read gets stuck."""
    word, rest = word_and_rest(line.text)
    if word == UNREADABLE or line.text.startswith(UNREADABLE):
        raise StuckError(line.text.removeprefix(UNREADABLE).strip())
    return word, rest
