"""The kind of subject that the trap rules are about: a SEAMCALL instruction and its ways out."""

from enum import StrEnum

from tdxreview.facts.model import Subject
from tdxreview.kernel.context import Section


class Entry(StrEnum):
    """The exception-table entry of a SEAMCALL instruction.

    `fault` stores the trap number; `unneeded` does not, but the fix-up makes a Linux status
    without it.
    """

    FAULT = "fault"
    UNNEEDED = "unneeded"
    OTHER = "other"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Fixup(StrEnum):
    """Where the entry leads; `past-conversion` is any place that skips making the status."""

    CONVERSION = "conversion"
    SWAPPED = "swapped"
    PAST_CONVERSION = "past-conversion"
    UNKNOWN = "unknown"


class TrapStatus(StrEnum):
    """What RAX is at return after #UD or #GP, compared with TDX_SW_ERROR | trap number."""

    BUILT = "built"
    RAW = "raw"
    NARROWED = "narrowed"
    OVERWRITTEN = "overwritten"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class Vmfail(StrEnum):
    """What becomes of CF=1, which says VMfailInvalid."""

    CONVERTED = "converted"
    UNTESTED = "untested"
    INVERTED = "inverted"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class Flags(StrEnum):
    """Whether CF still is SEAMCALL's where it is tested."""

    KEPT = "kept"
    CLOBBERED = "clobbered"
    UNKNOWN = "unknown"


class Immediate(StrEnum):
    """Whether every immediate operand of the ways out fits its instruction."""

    FITS = "fits"
    TOO_WIDE = "too-wide"
    UNKNOWN = "unknown"


class TrapOutputs(StrEnum):
    """Whether the way out after a trap stores output registers, which then hold no outputs."""

    KEPT_BACK = "kept-back"
    STORED = "stored"
    UNKNOWN = "unknown"


class Exit(StrEnum):
    """What the ways out leave behind: `outputs` are output registers stored wrongly or not."""

    BALANCED = "balanced"
    STACK = "stack"
    SAVED_REGISTER = "saved-register"
    STATUS_LOST = "status-lost"
    OUTPUTS = "outputs"
    NOT_CLEARED = "not-cleared"
    UNKNOWN = "unknown"


class Labels(StrEnum):
    """Whether the labels of the macro are defined once in the file, however often it is used."""

    UNIQUE = "unique"
    REPEATED = "repeated"
    UNKNOWN = "unknown"


class NoinstrSection(StrEnum):
    """The section of SEAMCALL code that noinstr code calls; `free` where no such code does."""

    NOINSTR = "noinstr"
    LEFT = "left"
    FREE = "free"
    UNKNOWN = "unknown"


class Routine(Subject, frozen=True, kw_only=True):
    """One SEAMCALL instruction in assembly or inline asm, or one place where its code is wrong.

    There is one routine for the instruction, in all the functions that a macro puts it into;
    a fact that is wrong at another line has a routine of its own there, with that fact alone.
    `variant` names the functions, `instruction` the text at the place. `callee` is what code
    goes on in that has the SEAMCALL: a function, or a macro that is not in view.
    """

    variant: str = ""
    instruction: str = ""
    callee: str = ""
    entry: Entry = Entry.UNKNOWN
    fixup: Fixup = Fixup.UNKNOWN
    trap_status: TrapStatus = TrapStatus.UNKNOWN
    vmfail: Vmfail = Vmfail.UNKNOWN
    flags: Flags = Flags.UNKNOWN
    immediate: Immediate = Immediate.UNKNOWN
    trap_outputs: TrapOutputs = TrapOutputs.UNKNOWN
    exits: Exit = Exit.UNKNOWN
    labels: Labels = Labels.UNKNOWN
    noinstr_section: NoinstrSection = NoinstrSection.UNKNOWN
    section: Section = Section.UNKNOWN


WRONG: dict[str, frozenset[StrEnum]] = {
    "entry": frozenset({Entry.MISSING, Entry.OTHER}),
    "fixup": frozenset({Fixup.SWAPPED, Fixup.PAST_CONVERSION}),
    "trap_status": frozenset(
        {TrapStatus.RAW, TrapStatus.NARROWED, TrapStatus.OVERWRITTEN, TrapStatus.WRONG}
    ),
    "vmfail": frozenset({Vmfail.UNTESTED, Vmfail.INVERTED, Vmfail.WRONG}),
    "flags": frozenset({Flags.CLOBBERED}),
    "immediate": frozenset({Immediate.TOO_WIDE}),
    "trap_outputs": frozenset({TrapOutputs.STORED}),
    "exits": frozenset(Exit) - {Exit.BALANCED, Exit.UNKNOWN},
    "labels": frozenset({Labels.REPEATED}),
    "noinstr_section": frozenset({NoinstrSection.LEFT}),
}
"""For each fact the values that something is wrong with."""


def names_of(variant: str) -> frozenset[str]:
    """Give the functions that a routine's variant names."""
    return frozenset(variant.split(", "))
