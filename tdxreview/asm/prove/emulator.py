"""Run assembled code on an emulated CPU; a SEAMCALL in it ends as it is told to."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from unicorn import (
    UC_ARCH_X86,
    UC_HOOK_CODE,
    UC_HOOK_MEM_WRITE,
    UC_MODE_64,
    UC_PROT_ALL,
    UC_PROT_READ,
    UC_PROT_WRITE,
    Uc,
    UcError,
    x86_const,
)

from tdxreview.asm.execute import is_extended
from tdxreview.asm.operands import GENERAL
from tdxreview.asm.outcomes import (
    ARGUMENTS,
    COMMON,
    ENTERING,
    EXPECTED,
    EXTENDED,
    PAGE,
    RETURN_ADDRESS,
    STACK_LOW,
    STACK_TOP,
    TRAP_NUMBER,
    Ending,
    Left,
    Outcome,
    Store,
    memory_word,
    output_word,
)
from tdxreview.asm.prove.elf import OUTSIDE, Loaded, TableRow

SEAMCALL = bytes((0x66, 0x0F, 0x01, 0xCF))
_MOST_INSTRUCTIONS = 5_000
_REGISTER_KIND = 17
_CARRY = 1
_FLAGS_AT_START = 0x202
_NUMBERS: dict[str, int] = {n: getattr(x86_const, f"UC_X86_REG_{n.upper()}") for n in GENERAL}
_RIP = x86_const.UC_X86_REG_RIP
_EFLAGS = x86_const.UC_X86_REG_EFLAGS
_EXTENDED_TABLE_ORDER = ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi")


class Order(Struct, frozen=True, kw_only=True):
    """What to run: from where, with which registers, and how the SEAMCALL ends.

    `stores_number` are the exception-table types that put the trap number into RAX.
    """

    start: int
    outcome: Outcome
    registers: Mapping[str, int | None]
    stores_number: frozenset[int]


class Emulator:
    """One emulated CPU, for one run after another: each costs 4 MB that are slow to come back."""

    def __init__(self) -> None:
        self._uc = Uc(UC_ARCH_X86, UC_MODE_64)
        self._mapped: list[tuple[int, int]] = []
        self._run: _Run | None = None
        self._uc.hook_add(UC_HOOK_CODE, self._on_instruction)
        self._uc.hook_add(UC_HOOK_MEM_WRITE, self._on_store)

    def emulate(self, code: Loaded, order: Order) -> Ending:
        """Run to the return, an oops or the limit; nothing but the code's own pages is mapped."""
        self._map(code)
        self._run = _Run(self._uc, code, order)
        return self._run.ending()

    def _on_instruction(self, _: Any, address: int, __: int, ___: object) -> None:
        if self._run is not None:
            self._run.on_instruction(address)

    def _on_store(self, _: Any, __: int, address: int, size: int, value: int, ___: object) -> None:
        if self._run is not None:
            self._run.on_store(address, size, value)

    def _map(self, code: Loaded) -> None:
        for start, size in self._mapped:
            self._uc.mem_unmap(start, size)
        self._mapped = []
        for address, data in code.memory.items():
            self._page(address, data, UC_PROT_ALL)
        for address in (OUTSIDE, RETURN_ADDRESS):
            self._page(address, bytes(PAGE), UC_PROT_ALL)
        stack = bytes(STACK_TOP - STACK_LOW)
        self._page(STACK_LOW, stack, UC_PROT_READ | UC_PROT_WRITE)
        for start in ARGUMENTS.values():
            words = (memory_word(start + at).to_bytes(8, "little") for at in range(0, PAGE, 8))
            self._page(start, b"".join(words), UC_PROT_READ | UC_PROT_WRITE)
        self._uc.ctl_flush_tb()

    def _page(self, start: int, data: bytes, allowed: int) -> None:
        size = -(-len(data) // PAGE) * PAGE
        self._uc.mem_map(start, size, allowed)
        self._mapped.append((start, size))
        self._uc.mem_write(start, data)


class _Run:
    def __init__(self, uc: Uc, code: Loaded, order: Order) -> None:
        self._code = code
        self._order = order
        self._uc = uc
        self._places: list[int] = []
        self._stores: list[Store] = []
        self._after = 0
        self._at_call: dict[str, int | None] = {}
        self._extended = False
        self._enters = False
        self._waiting = False

    def ending(self) -> Ending:
        self._begin()
        left, reason = self._run()
        return Ending(
            outcome=self._order.outcome,
            left=left,
            reason=reason,
            registers={name: self._read(name) for name in GENERAL},
            at_call=self._at_call,
            stores=tuple(self._stores),
            places=tuple(self._places),
            after_call=self._after,
            extended=self._extended,
            enters=self._enters,
        )

    def _begin(self) -> None:
        for name in GENERAL:
            self._write(name, self._order.registers.get(name) or 0)
        self._uc.reg_write(_EFLAGS, _FLAGS_AT_START)
        self._uc.mem_write(self._read("rsp"), RETURN_ADDRESS.to_bytes(8, "little"))

    def _run(self) -> tuple[Left, str]:
        at = self._order.start
        while len(self._places) < _MOST_INSTRUCTIONS:
            try:
                self._uc.emu_start(at, RETURN_ADDRESS, 0, _MOST_INSTRUCTIONS)
            except UcError as error:
                return Left.STUCK, f"the code goes wrong at {self._here()}: {error}"
            if not self._waiting:
                break
            self._waiting = False
            following = self._seamcall(self._uc.reg_read(_RIP))
            if following is None:
                return Left.OOPS, "no exception-table entry"
            at = following
        if self._uc.reg_read(_RIP) == RETURN_ADDRESS:
            return Left.RETURNED, ""
        return Left.STUCK, "it does not come to an end"

    def _here(self) -> str:
        return self._code.text.get(self._places[-1], "") if self._places else "the start"

    def on_instruction(self, address: int) -> None:
        """Take note of the next instruction; stop at a SEAMCALL."""
        self._waiting = self._is_seamcall(address)
        self._places.append(address)
        if self._waiting or len(self._places) >= _MOST_INSTRUCTIONS:
            self._uc.emu_stop()

    def _is_seamcall(self, address: int) -> bool:
        try:
            return bytes(self._uc.mem_read(address, len(SEAMCALL))) == SEAMCALL
        except UcError:  # the instruction is the last of its page
            return False

    def on_store(self, address: int, size: int, value: int) -> None:
        """Take note of a store behind the SEAMCALL, to anything but the stack."""
        if self._after and not STACK_LOW <= address < STACK_TOP:
            word = value & ((1 << 8 * size) - 1)
            self._stores.append(Store(address, word, self._uc.reg_read(_RIP)))

    def _seamcall(self, at: int) -> int | None:
        ours = not self._after
        outcome = self._order.outcome if ours else Outcome.COMPLETED
        if ours:
            self._after = len(self._places)
            self._at_call = {name: self._read(name) for name in GENERAL}
            self._enters = self._at_call["rax"] == ENTERING
            self._extended = self._enters or is_extended(self._read)
        if outcome in TRAP_NUMBER:
            return self._trap(at, TRAP_NUMBER[outcome])
        self._finish(outcome)
        return at + len(SEAMCALL)

    def _trap(self, at: int, number: int) -> int | None:
        row = next((row for row in self._code.table if row.instruction == at), None)
        if row is None:
            return None
        if row.kind in self._order.stores_number:
            self._write("rax", number)
        elif row.kind & 0xFF == _REGISTER_KIND:
            self._write(_register_of(row), (row.kind >> 16) & ((1 << 64) - 1))
        return row.fixup

    def _finish(self, outcome: Outcome) -> None:
        flags = self._uc.reg_read(_EFLAGS) & ~0x8D5
        self._uc.reg_write(_EFLAGS, flags | (_CARRY if outcome is Outcome.VMFAIL else 0))
        if outcome is Outcome.VMFAIL:
            return
        self._write("rax", EXPECTED[outcome])
        for name in (*COMMON, *EXTENDED) if self._extended else COMMON:
            self._write(name, output_word(name))

    def _read(self, name: str) -> int:
        return int(self._uc.reg_read(_NUMBERS[name]))

    def _write(self, name: str, value: int) -> None:
        self._uc.reg_write(_NUMBERS[name], value)


def _register_of(row: TableRow) -> str:
    number = (row.kind >> 8) & 0xF
    names = (*_EXTENDED_TABLE_ORDER, *(f"r{n}" for n in range(8, 16)))
    return names[number]
