"""What is wrong with an ending: the same questions for code that was read and code that ran."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from tdxreview.asm.outcomes import (
    AT_ANY_EXIT,
    COMMON,
    EXPECTED,
    EXTENDED,
    SAVED,
    TRAP_NUMBER,
    Ending,
    Left,
    Outcome,
    output_word,
    start_registers,
)

_CLEARED = (*COMMON, "rdi")
_MOST_LEFT = 2
_RETURNED_STACK = start_registers()["rsp"] + 8


class Defect(StrEnum):
    """One thing that a way out gets wrong."""

    OOPS = "oops"
    STATUS = "status"
    STACK = "stack"
    SAVED_REGISTER = "saved register"
    TRAP_OUTPUTS = "outputs stored after a trap"
    OUTPUTS = "outputs"
    NOT_CLEARED = "registers not cleared"


class Verdict(Struct, frozen=True):
    """A defect with what was expected and what came out, in words."""

    defect: Defect
    expected: str
    got: str
    register: str = ""


class Frame(Struct, frozen=True):
    """What the code is entered with, and which of it has to be there again at the end.

    `outputs` are the registers beside RAX that inline asm gives to C.
    """

    registers: Mapping[str, int | None]
    saved: tuple[str, ...] = SAVED
    outputs: frozenset[str] = frozenset()


C_FUNCTION = Frame(start_registers())
"""A function that C calls."""


def judge(ending: Ending, frame: Frame = C_FUNCTION) -> tuple[Verdict, ...]:
    """Give what is wrong; nothing is said of what is not known, nor of a run that got stuck."""
    if ending.left is Left.OOPS:
        return (Verdict(Defect.OOPS, "a status", "oops: no exception-table entry"),)
    if ending.left is Left.STUCK:
        return ()
    return (
        *_status(ending),
        *_stack(ending),
        *_saved(ending, frame),
        *_stores(ending),
        *_cleared(ending),
    )


def _status(ending: Ending) -> tuple[Verdict, ...]:
    expected, got = EXPECTED[ending.outcome], ending.registers.get("rax")
    if got is None or got == expected:
        return ()
    return (Verdict(Defect.STATUS, f"RAX {expected:#018x}", f"RAX {got:#018x}", "rax"),)


def _stack(ending: Ending) -> tuple[Verdict, ...]:
    got = ending.registers.get("rsp")
    if got is None or got == _RETURNED_STACK:
        return ()
    off = got - _RETURNED_STACK
    return (Verdict(Defect.STACK, "stack balanced", f"stack off by {off:+d} bytes", "rsp"),)


def _saved(ending: Ending, frame: Frame) -> tuple[Verdict, ...]:
    if ending.registers.get("rsp") != _RETURNED_STACK:
        return ()
    return tuple(
        Verdict(Defect.SAVED_REGISTER, f"{name.upper()} as it was", f"{name.upper()} changed", name)
        for name in frame.saved
        if frame.registers[name] is not None
        and ending.registers.get(name) not in {None, frame.registers[name]}
    )


def _stores(ending: Ending) -> tuple[Verdict, ...]:
    if ending.outcome in TRAP_NUMBER and ending.stores:
        return (Verdict(Defect.TRAP_OUTPUTS, "no outputs", f"{len(ending.stores)} stored"),)
    if ending.outcome is not Outcome.COMPLETED or not ending.stores:
        return ()
    wanted = _wanted(ending)
    stored = {store.value for store in ending.stores}
    if None in stored:
        return ()
    missing = [name for name in wanted if output_word(name) not in stored]
    if not missing or len(missing) == len(wanted):
        return ()
    names = ", ".join(name.upper() for name in missing)
    return (Verdict(Defect.OUTPUTS, "all outputs stored", f"not stored: {names}", missing[0]),)


def _wanted(ending: Ending) -> tuple[str, ...]:
    """Give the outputs of a leaf that has completed; status 0 is no exit by TDVMCALL."""
    if ending.enters:
        return AT_ANY_EXIT
    return (*COMMON, *EXTENDED) if ending.extended else COMMON


def _cleared(ending: Ending) -> tuple[Verdict, ...]:
    """Code that clears what a guest may have left clears all of it, or it misses one by mistake."""
    if ending.outcome is not Outcome.COMPLETED or not ending.extended or not ending.stores:
        return ()
    left = [n for n in _CLEARED if ending.registers.get(n) == output_word(n)]
    if not 0 < len(left) <= _MOST_LEFT:
        return ()
    names = ", ".join(name.upper() for name in left)
    return (Verdict(Defect.NOT_CLEARED, "registers cleared", f"not cleared: {names}", left[0]),)
