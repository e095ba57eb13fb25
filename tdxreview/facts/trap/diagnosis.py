"""What is known of one SEAMCALL instruction and its ways out, before it is put into facts."""

from enum import StrEnum

from msgspec import Struct, field

from tdxreview.asm.expression import Names
from tdxreview.asm.listing import Program, TableEntry
from tdxreview.asm.oracle import C_FUNCTION, Frame
from tdxreview.kernel.tdx import Outputs


class Fault(Struct, frozen=True):
    """A fact that is wrong: its value, the instruction to blame, and the way that showed it."""

    fact: str
    value: StrEnum
    place: int
    way: tuple[int, ...] = ()
    note: str = ""


class EntryFault(Struct, frozen=True):
    """A fact that is wrong at an exception-table entry."""

    fact: str
    value: StrEnum
    entry: TableEntry


class Diagnosis(Struct):
    """All that is known of one SEAMCALL: facts that are right, and faults.

    `stuck` are reasons why something is not known, `steps` the instructions that were run.
    `outputs` are those that a completed call gives back.
    """

    facts: dict[str, StrEnum] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    entry_faults: list[EntryFault] = field(default_factory=list)
    stuck: set[str] = field(default_factory=set)
    steps: int = 0
    outputs: Outputs = Outputs.UNKNOWN


class Subroutine(Struct, frozen=True, kw_only=True):
    """A SEAMCALL to look at: where its code begins, and what that code has to keep."""

    program: Program
    start: int
    end: int
    call: int
    names: Names
    frame: Frame = C_FUNCTION
    readable: bool = True
