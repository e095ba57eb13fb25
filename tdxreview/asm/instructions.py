"""What the instructions that SEAMCALL code uses do (Intel SDM vol. 2)."""

from collections.abc import Callable

from tdxreview.asm.condition_codes import CONDITIONS, condition
from tdxreview.asm.cpu import MASK, Machine, StuckError
from tdxreview.asm.operands import Memory, Operand, Register, parse_operands

NOISE = frozenset(
    {
        "nop",
        "endbr64",
        "ENDBR",
        "ASM_ENDBR",
        "ASM_CLAC",
        "ASM_STAC",
        "clac",
        "stac",
        "lfence",
        "mfence",
        "sfence",
        "cld",
        "cli",
        "sti",
        "STACK_FRAME_NON_STANDARD",
        "EXPORT_SYMBOL",
        "EXPORT_SYMBOL_GPL",
    }
)
_WIDTHS = {"b": 8, "w": 16, "l": 32, "q": 64}


def execute(machine: Machine, word: str, rest: str) -> None:
    """Do one instruction that does not jump; one that is not known gets stuck."""
    if word in NOISE or word.startswith(("ANNOTATE_", "UNWIND_HINT", ".")):
        _directive(word)
        return
    if word in _SPECIAL:
        _SPECIAL[word](machine)
        return
    name, width = _known(word)
    operands = parse_operands(rest)
    if name == "" or operands is None:
        raise StuckError(f"`{word} {rest}`" + " is not known to the reader")
    _HANDLERS[name](machine, name, operands, width or _operand_width(operands))


_SILENT = frozenset({".align", ".balign", ".p2align", ".globl", ".global", ".type", ".local"})
_SILENT |= {".weak", ".hidden", ".code64", ".cfi_startproc", ".cfi_endproc", ".ident", ".file"}


def _directive(word: str) -> None:
    if word.startswith(".") and word not in _SILENT and not word.startswith(".cfi_"):
        raise StuckError(f"directive {word} is not known to the reader")


def _known(word: str) -> tuple[str, int]:
    if word in _HANDLERS:
        return word, 0
    if word[:-1] in _HANDLERS and word[-1] in _WIDTHS:
        return word[:-1], _WIDTHS[word[-1]]
    return "", 0


def _operand_width(operands: tuple[Operand, ...]) -> int:
    for operand in reversed(operands):
        if isinstance(operand, Register):
            return operand.width
    return 64


_Handler = Callable[[Machine, str, tuple[Operand, ...], int], None]


def _mov(machine: Machine, name: str, operands: tuple[Operand, ...], width: int) -> None:
    source, target = _two(operands)
    wide = name == "movabs" or isinstance(target, Register)
    machine.check_immediate(source, width, moves=wide)
    machine.write(target, width, machine.read(source, width))


def _extend(machine: Machine, name: str, operands: tuple[Operand, ...], width: int) -> None:
    source, target = _two(operands)
    narrow = {"movzb": 8, "movzw": 16, "movslq": 32}.get(name, 0)
    if isinstance(source, Register):
        narrow = source.width
    value = machine.read(source, narrow or width)
    if value is not None and name == "movslq" and value >> 31:
        value |= MASK ^ 0xFFFF_FFFF
    machine.write(target, width, value)


def _lea(machine: Machine, _: str, operands: tuple[Operand, ...], width: int) -> None:
    source, target = _two(operands)
    machine.write(target, width, machine.address(source) if isinstance(source, Memory) else None)


def _push(machine: Machine, _: str, operands: tuple[Operand, ...], __: int) -> None:
    (source,) = _counted(operands, 1)
    machine.check_immediate(source, 64, moves=False)
    machine.push(machine.read(source, 64))


def _pop(machine: Machine, _: str, operands: tuple[Operand, ...], __: int) -> None:
    (target,) = _counted(operands, 1)
    machine.write(target, 64, machine.pop())


def _sum(machine: Machine, name: str, operands: tuple[Operand, ...], width: int) -> None:
    source, target = _two(operands)
    machine.check_immediate(source, width, moves=False)
    first, second = machine.read(target, width), machine.read(source, width)
    if first is None or second is None:
        machine.set_flags(None, width, carry=None, over=None)
        result = None
    else:
        result = first + second if name == "add" else first - second
        carry = result != result & ((1 << width) - 1)
        machine.set_flags(result, width, carry=carry, over=_overflows(name, first, second, width))
    if name != "cmp":
        machine.write(target, width, None if result is None else result & ((1 << width) - 1))


def _overflows(name: str, first: int, second: int, width: int) -> bool:
    half = 1 << (width - 1)
    a, b = ((value ^ half) - half for value in (first, second))
    total = a + b if name == "add" else a - b
    return not -half <= total < half


def _logic(machine: Machine, name: str, operands: tuple[Operand, ...], width: int) -> None:
    source, target = _two(operands)
    machine.check_immediate(source, width, moves=False)
    result = _bitwise(name, machine.read(target, width), machine.read(source, width))
    if name == "xor" and source == target:
        result = 0
    machine.set_flags(result, width, carry=False, over=False)
    if name != "test":
        machine.write(target, width, result)


def _bitwise(name: str, first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return None
    if name == "or":
        return first | second
    return first ^ second if name == "xor" else first & second


def _one(machine: Machine, name: str, operands: tuple[Operand, ...], width: int) -> None:
    (target,) = _counted(operands, 1)
    value = machine.read(target, width)
    carry, came_from = machine.flags["cf"], machine.carry_from
    result = None if value is None else {"inc": value + 1, "dec": value - 1, "neg": -value}[name]
    machine.set_flags(result, width, carry=None if value is None else value != 0, over=None)
    if name != "neg":
        machine.flags["cf"], machine.carry_from = carry, came_from
    machine.write(target, width, result)


def _complement(machine: Machine, _: str, operands: tuple[Operand, ...], width: int) -> None:
    (target,) = _counted(operands, 1)
    value = machine.read(target, width)
    machine.write(target, width, None if value is None else ~value)


def _shift(machine: Machine, name: str, operands: tuple[Operand, ...], width: int) -> None:
    source, target = (_Fixed, *operands) if len(operands) == 1 else operands
    count = 1 if source is _Fixed else machine.read(source, 8)
    value = machine.read(target, width)
    if count is None or value is None or not 0 <= count < width:
        machine.set_flags(None, width, carry=None, over=None)
        machine.write(target, width, None)
        return
    half = 1 << (width - 1)
    signed = (value ^ half) - half
    result = {"shl": value << count, "sal": value << count, "shr": value >> count}.get(
        name, signed >> count
    )
    out = (value >> (width - count)) & 1 if name in {"shl", "sal"} else (value << 1 >> count) & 1
    machine.set_flags(result, width, carry=bool(out) if count else None, over=None)
    machine.write(target, width, result & ((1 << width) - 1))


_Fixed = Register("", 8)


def _bit(machine: Machine, name: str, operands: tuple[Operand, ...], width: int) -> None:
    source, target = _two(operands)
    place, value = machine.read(source, 8), machine.read(target, width)
    if place is None or value is None:
        raise StuckError(f"{name} of what is not known")
    mask = 1 << (place % width)
    machine.flags["cf"] = bool(value & mask)
    machine.carry_from = machine.place
    if name != "bt":
        changed = {"bts": value | mask, "btr": value & ~mask, "btc": value ^ mask}[name]
        machine.write(target, width, changed)


def _exchange(machine: Machine, _: str, operands: tuple[Operand, ...], width: int) -> None:
    first, second = _two(operands)
    one, other = machine.read(first, width), machine.read(second, width)
    machine.write(first, width, other)
    machine.write(second, width, one)


def _borrow(machine: Machine, name: str, operands: tuple[Operand, ...], width: int) -> None:
    source, target = _two(operands)
    if source != target or name != "sbb":
        raise StuckError(f"{name} is not known to the reader")
    condition(machine, "c")
    carried = machine.flags["cf"]
    machine.set_flags(-1 if carried else 0, width, carry=carried, over=False)
    machine.write(target, width, (1 << width) - 1 if carried else 0)


def _choose(machine: Machine, name: str, operands: tuple[Operand, ...], width: int) -> None:
    source, target = _two(operands)
    if condition(machine, name.removeprefix("cmov")):
        machine.write(target, width, machine.read(source, width))
    elif width == 32:  # noqa: PLR2004 -- clears the upper half in any case
        machine.write(target, width, machine.read(target, width))


def _set(machine: Machine, name: str, operands: tuple[Operand, ...], _: int) -> None:
    (target,) = _counted(operands, 1)
    machine.write(target, 8, int(condition(machine, name.removeprefix("set"))))


def _two(operands: tuple[Operand, ...]) -> tuple[Operand, Operand]:
    first, second = _counted(operands, 2)
    return first, second


def _counted(operands: tuple[Operand, ...], count: int) -> tuple[Operand, ...]:
    if len(operands) != count:
        raise StuckError("an instruction with odd operands")
    return operands


def _frame_begin(machine: Machine) -> None:
    machine.push(machine.registers.get("rbp"))
    machine.registers["rbp"] = machine.registers["rsp"]


def _frame_end(machine: Machine) -> None:
    machine.registers["rbp"] = machine.pop()


def _leave(machine: Machine) -> None:
    machine.registers["rsp"] = machine.registers.get("rbp")
    machine.registers["rbp"] = machine.pop()


def _carry(value: bool) -> Callable[[Machine], None]:  # noqa: FBT001
    def put(machine: Machine) -> None:
        machine.flags["cf"] = value
        machine.carry_from = machine.place

    return put


_SPECIAL: dict[str, Callable[[Machine], None]] = {
    "FRAME_BEGIN": _frame_begin,
    "FRAME_END": _frame_end,
    "leave": _leave,
    "clc": _carry(value=False),
    "stc": _carry(value=True),
}
_HANDLERS: dict[str, _Handler] = {
    "lea": _lea,
    "push": _push,
    "pop": _pop,
    "not": _complement,
    "xchg": _exchange,
    **dict.fromkeys(("mov", "movabs"), _mov),
    **dict.fromkeys(("movzb", "movzw", "movzbl", "movzwl", "movslq"), _extend),
    **dict.fromkeys(("add", "sub", "cmp"), _sum),
    **dict.fromkeys(("or", "and", "xor", "test"), _logic),
    **dict.fromkeys(("inc", "dec", "neg"), _one),
    **dict.fromkeys(("shl", "sal", "shr", "sar"), _shift),
    **dict.fromkeys(("bt", "bts", "btr", "btc"), _bit),
    **dict.fromkeys(("sbb", "adc"), _borrow),
    **{f"cmov{code}": _choose for code in CONDITIONS},
    **{f"set{code}": _set for code in CONDITIONS},
}
