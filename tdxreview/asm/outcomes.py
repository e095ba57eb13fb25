"""The ways a SEAMCALL ends, what a run starts with, and what it leaves behind."""

from enum import StrEnum

from msgspec import Struct


class Outcome(StrEnum):
    """How the instruction ends; `completed` with status 0, `failed` with an error status."""

    COMPLETED = "completed"
    FAILED = "failed"
    VMFAIL = "VMfailInvalid"
    UD = "#UD"
    GP = "#GP"


TRAP_NUMBER = {Outcome.UD: 6, Outcome.GP: 13}
"""Vectors of the exceptions that SEAMCALL raises (Intel SDM vol. 3, 6.15)."""
STORES_TRAP_NUMBER = frozenset({2, 15})
"""EX_TYPE_FAULT and EX_TYPE_FAULT_MCE_SAFE (arch/x86/mm/extable.c, fixup_exception())."""
SW_ERROR = 0x8000_FF00_0000_0000
"""TDX_SW_ERROR: bit 63 and class 0xFF, which the TDX module never uses."""
EXPECTED = {
    Outcome.COMPLETED: 0,
    Outcome.FAILED: 0xC000_0100_0000_0002,
    Outcome.VMFAIL: SW_ERROR | 0xFFFF_0000,
    Outcome.UD: SW_ERROR | TRAP_NUMBER[Outcome.UD],
    Outcome.GP: SW_ERROR | TRAP_NUMBER[Outcome.GP],
}
"""What RAX has to be at return."""

LEAF = 0x8000_0000_0001_0021
RETURN_ADDRESS = 0x0BAD_C0DE_0000
STACK_TOP = 0x7FFF_0000
STACK_LOW = STACK_TOP - 0x8000
ARGUMENTS = {"rsi": 0x1000_0000, "rdx": 0x1100_0000, "rcx": 0x1200_0000, "r8": 0x1300_0000}
ARGUMENTS |= {"r9": 0x1400_0000}
PAGE = 0x1000
SAVED = ("rbx", "rbp", "r12", "r13", "r14", "r15")
"""Registers that a function gives back as it got them (x86-64 psABI 3.2.1)."""
COMMON = ("rcx", "rdx", "r8", "r9", "r10", "r11")
"""Registers that every leaf may take and give."""
EXTENDED = ("r12", "r13", "r14", "r15", "rbx", "rdi", "rsi")
"""Registers that only leaves such as TDH.VP.ENTER take and give."""

ENTERING = 0
"""The leaf of TDH.VP.ENTER, whose outputs are the guest's registers (TDX module ABI 1.5)."""
AT_ANY_EXIT = ("rcx", "rdx", "r8", "r9")
"""What TDH.VP.ENTER gives whatever the guest left for; R10 and up come with a TDVMCALL only."""


def start_registers() -> dict[str, int]:
    """Give the registers a function is entered with: the leaf in RDI, pointers, marked values."""
    marked = {name: 0xCA11_EE00_0000_0000 + place for place, name in enumerate(SAVED, start=1)}
    return {"rdi": LEAF, "rsp": STACK_TOP - 0x1008} | ARGUMENTS | marked


def memory_word(address: int) -> int:
    """Give what an argument page holds at an aligned address before the run."""
    return 0x5AFE_0000_0000_0000 | (address & 0xFFFF_FFFF)


def output_word(register: str) -> int:
    """Give what the SEAMCALL leaves in an output register."""
    place = (*COMMON, *EXTENDED).index(register)
    return 0x0D0D_0000_0000_0100 + place


def in_arguments(address: int) -> bool:
    """Tell whether an address lies in memory that an argument points to."""
    return any(start <= address < start + PAGE for start in ARGUMENTS.values())


class Left(StrEnum):
    """How a run ended."""

    RETURNED = "returned"
    OOPS = "oops"
    STUCK = "stuck"


class Store(Struct, frozen=True):
    """A store to memory other than the stack; `value` is None where it is not known."""

    address: int
    value: int | None
    place: int


class Ending(Struct, frozen=True, kw_only=True):
    """What a run left behind.

    `places` are the instructions run, in order (indices, or addresses of machine code).
    `registers` are those at return, `None` where not known; `at_call` those when the SEAMCALL
    was reached. `extended` says that the leaf was given callee-saved registers as inputs,
    `enters` that it is TDH.VP.ENTER for sure.
    `carry_tests` are pairs of the instructions that looked at CF and that wrote it last,
    `too_wide` the instructions with an immediate that has no room (both when reading only).
    """

    outcome: Outcome
    left: Left
    reason: str = ""
    registers: dict[str, int | None]
    at_call: dict[str, int | None]
    stores: tuple[Store, ...] = ()
    places: tuple[int, ...] = ()
    after_call: int = 0
    extended: bool = False
    enters: bool = False
    carry_tests: tuple[tuple[int, int], ...] = ()
    too_wide: tuple[int, ...] = ()

    @property
    def way_out(self) -> tuple[int, ...]:
        """Give the instructions run after the SEAMCALL."""
        return self.places[self.after_call :]
