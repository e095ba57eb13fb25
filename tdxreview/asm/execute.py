"""Run a program from a function's start through a SEAMCALL to its return."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from tdxreview.asm.condition_codes import CONDITIONS, condition
from tdxreview.asm.cpu import Machine, StuckError, mnemonic
from tdxreview.asm.expression import Names
from tdxreview.asm.instructions import execute
from tdxreview.asm.lexer import GAP
from tdxreview.asm.listing import END_OF_SECTION, Program, is_seamcall
from tdxreview.asm.outcomes import (
    COMMON,
    ENTERING,
    EXPECTED,
    EXTENDED,
    LEAF,
    RETURN_ADDRESS,
    TRAP_NUMBER,
    Ending,
    Left,
    Outcome,
    memory_word,
    output_word,
    start_registers,
)

_MOST_STEPS = 2_000
_RETURNS = frozenset({"ret", "retq", "RET", "ASM_RET"})
_SAVED_INPUTS = ("rbx", "r12", "r13", "r14", "r15")


class Plan(Struct, frozen=True, kw_only=True):
    """How one SEAMCALL of a function is to end.

    `fixup` is the instruction at which a trap goes on (None: oops), `number` whether the trap
    number is put into RAX. All other SEAMCALLs on the way complete.
    """

    outcome: Outcome
    call: int
    fixup: int | None = None
    number: bool = True


def run(
    program: Program,
    start: int,
    plan: Plan,
    names: Names,
    registers: Mapping[str, int | None] | None = None,
) -> Ending:
    """Run from instruction `start`; without `registers`, as a function that a C caller enters."""
    runner = _Runner(program, plan, names, {**(registers or start_registers())})
    runner.machine.store(start_registers()["rsp"], 64, RETURN_ADDRESS)
    return runner.run(start)


class _Runner:
    def __init__(
        self, program: Program, plan: Plan, names: Names, registers: dict[str, int | None]
    ) -> None:
        self.machine = Machine(registers, names)
        self._program = program
        self._plan = plan
        self._places: list[int] = []
        self._after = 0
        self._at_call: dict[str, int | None] = {}
        self._extended = False
        self._enters = False
        self._others = False

    def run(self, start: int) -> Ending:
        try:
            left, reason = self._steps(start)
        except StuckError as stuck:
            left, reason = Left.STUCK, str(stuck)
        machine = self.machine
        return Ending(
            outcome=self._plan.outcome,
            left=left,
            reason=reason,
            registers=dict(machine.registers),
            at_call=self._at_call,
            stores=tuple(store for store in machine.stores if store.place in self._later()),
            places=tuple(self._places),
            after_call=self._after,
            extended=self._extended,
            enters=self._enters,
            carry_tests=tuple(machine.carry_tests),
            too_wide=tuple(machine.too_wide),
        )

    def _later(self) -> frozenset[int]:
        return frozenset(self._places[self._after :]) if self._after else frozenset()

    def _steps(self, start: int) -> tuple[Left, str]:
        at: int | None = start
        for _ in range(_MOST_STEPS):
            if at is None:
                return Left.OOPS, "no exception-table entry"
            line = self._program.code[at]
            if line.text in {GAP, END_OF_SECTION}:
                raise StuckError("the code goes on where it is not known")
            self.machine.place = at
            self._places.append(at)
            word, rest = mnemonic(line)
            if word in _RETURNS or (word == "jmp" and rest == "__x86_return_thunk"):
                return self._returned()
            at = self._next(at, word, rest)
        raise StuckError("it does not come to an end")

    def _returned(self) -> tuple[Left, str]:
        if self.machine.pop() not in {RETURN_ADDRESS, None}:
            return Left.RETURNED, "to a wrong address"
        return Left.RETURNED, ""

    def _next(self, at: int, word: str, rest: str) -> int | None:
        if is_seamcall(self._program.code[at].text):
            return self._seamcall(at)
        if word in {"jmp", "jmpq"}:
            return self._target(rest, at)
        if word.startswith("j"):
            code = word[1:]
            if code not in CONDITIONS:
                raise StuckError(f"`{word}` is not known to the reader")
            return self._target(rest, at) if condition(self.machine, code) else at + 1
        execute(self.machine, word, rest)
        return at + 1

    def _target(self, name: str, at: int) -> int:
        target = self._program.target(name.strip(), self._program.orders[at])
        if target is None:
            raise StuckError(f"`{name}` is not in view")
        return target

    def _seamcall(self, at: int) -> int | None:
        ours = at == self._plan.call and not self._after
        outcome = self._plan.outcome if ours else Outcome.COMPLETED
        if ours:
            self._arrive()
        self._others = True
        if outcome in TRAP_NUMBER:
            if self._plan.number:
                self.machine.registers["rax"] = TRAP_NUMBER[outcome]
            return self._plan.fixup
        self._finish(outcome, at)
        return at + 1

    def _arrive(self) -> None:
        registers = self.machine.registers
        self._after = len(self._places)
        self._at_call = dict(registers)
        # After another SEAMCALL, RAX is its status.
        self._enters = registers.get("rax") == ENTERING and not self._others
        self._extended = self._enters or is_extended(registers.get)

    def _finish(self, outcome: Outcome, at: int) -> None:
        machine = self.machine
        machine.flags = {**dict.fromkeys(machine.flags, False), "cf": outcome is Outcome.VMFAIL}
        machine.carry_from = at
        if outcome is Outcome.VMFAIL:
            return
        machine.registers["rax"] = EXPECTED[outcome]
        for name in (*COMMON, *EXTENDED) if self._extended else COMMON:
            machine.registers[name] = output_word(name)


def is_extended(read: Callable[[str], int | None]) -> bool:
    """Tell whether a leaf takes and gives callee-saved registers, by what it is called with."""
    return any(is_input(read(name)) for name in _SAVED_INPUTS)


def is_input(value: int | None) -> bool:
    """Tell whether a register's value was read from memory that an argument points to."""
    return value is not None and value >> 48 == memory_word(0) >> 48 and value != LEAF
