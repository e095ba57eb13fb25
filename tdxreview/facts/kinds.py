"""The kinds of subject that rules can be about, each with its facts.

To add a fact: add a field with a closed enum here, fill it in the module that knows, test it
there. To add a kind: add a class here and a line in `KINDS`.
"""

from dataclasses import dataclass
from enum import StrEnum

from tdxreview.facts.abi import Returns
from tdxreview.facts.model import Subject


class Vmx(StrEnum):
    """What is known of VMX operation on this CPU where the SEAMCALL stands."""

    ON = "on"
    OFF = "off"
    UNCHECKED = "unchecked"
    AFTER_DISABLE = "after-disable"
    CALLER = "caller"
    UNKNOWN = "unknown"


class StatusUse(StrEnum):
    """What becomes of the status, or of the errno made from it, at the site."""

    RETURNED = "returned"
    TESTED = "tested"
    PASSED = "passed"
    STORED = "stored"
    DISCARDED = "discarded"
    UNKNOWN = "unknown"


class ArgsInit(StrEnum):
    """Whether every input register of the argument struct is set before the call."""

    SET = "set"
    UNSET = "unset"
    NONE = "none"
    UNKNOWN = "unknown"


class OutputsRead(StrEnum):
    """Whether output registers are read after the call, and whether this variant returns them."""

    NOT_READ = "not-read"
    RETURNED = "returned"
    NOT_RETURNED = "not-returned"
    UNKNOWN = "unknown"


class StaleInputs(StrEnum):
    """Whether the struct's inputs are still what an earlier call has returned in them."""

    FRESH = "fresh"
    OUTPUTS = "outputs"
    UNKNOWN = "unknown"


class LeafVersion(StrEnum):
    """Whether the version bits of the leaf and the registers that are set go together."""

    FITS = "fits"
    BARE_SHIFT = "bare-shift"
    INPUTS_MISSING = "inputs-missing"
    NOT_ASKED_FOR = "not-asked-for"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(Subject):
    """One place where a SEAMCALL happens: the instruction, or a call that makes one."""

    callee: str
    leaf: str
    returns: Returns = Returns.UNKNOWN
    vmx: Vmx = Vmx.UNKNOWN
    status_use: frozenset[StatusUse] = frozenset({StatusUse.UNKNOWN})
    args_init: ArgsInit = ArgsInit.UNKNOWN
    outputs_read: OutputsRead = OutputsRead.UNKNOWN
    stale_inputs: StaleInputs = StaleInputs.UNKNOWN
    leaf_version: LeafVersion = LeafVersion.UNKNOWN


class Address(StrEnum):
    """What kind of address is put into a register."""

    PHYSICAL = "physical"
    VIRTUAL = "virtual"
    STACK = "stack"
    VMALLOC = "vmalloc"
    UNKNOWN = "unknown"


class Alignment(StrEnum):
    """Whether the buffer behind an address is aligned as asked for, or by luck."""

    LUCK = "luck"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand(Subject):
    """One value that is put into a register for a SEAMCALL, where it is set."""

    callee: str
    leaf: str
    register: str
    address: Address = Address.UNKNOWN
    alignment: Alignment = Alignment.UNKNOWN


class Held(StrEnum):
    """What code can hold, or run under."""

    RAW_SPINLOCK = "raw-spinlock"
    SPINLOCK = "spinlock"
    MUTEX = "mutex"
    LOCK = "lock"
    IRQS_OFF = "irqs-off"
    PREEMPT_OFF = "preempt-off"
    BH_OFF = "bh-off"
    RCU = "rcu"
    CPUS_LOCKED = "cpus-locked"
    MEMORY_LOCKED = "memory-locked"
    UNKNOWN = "unknown"


class Blocks(StrEnum):
    """What a call may do that is not allowed everywhere."""

    SLEEPS = "sleeps"
    WAITS_FOR_CPUS = "waits-for-cpus"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit(Subject):
    """A way out of a function on a SEAMCALL path with something still held.

    `lock` names what; a function that is there to take it has no such exits.
    """

    lock: str
    keeps: frozenset[Held] = frozenset({Held.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocking(Subject):
    """A call that may block, on a SEAMCALL path, with something held around it."""

    callee: str
    lock: str
    blocks: Blocks = Blocks.UNKNOWN
    under: frozenset[Held] = frozenset({Held.UNKNOWN})


class Inlined(StrEnum):
    """Whether a function's code stands in its callers for sure."""

    ALWAYS = "always"
    LEFT_OPEN = "left-open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper(Subject):
    """A function that calls the assembly SEAMCALL function it is handed a pointer to."""

    parameter: str
    inlined: Inlined = Inlined.UNKNOWN


class Instrumented(StrEnum):
    """Whether instrumentation may be in what a noinstr function calls."""

    NEVER = "never"
    POSSIBLY = "possibly"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoinstrCall(Subject):
    """A call in a noinstr function on a SEAMCALL path, outside of instrumentation_begin()."""

    callee: str
    instrumented: Instrumented = Instrumented.UNKNOWN


class Entry(StrEnum):
    """The exception-table entry of a SEAMCALL instruction."""

    FAULT = "fault"
    OTHER = "other"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine(Subject):
    """One SEAMCALL instruction in assembly or inline asm, expanded for one variant."""

    variant: str = ""
    entry: Entry = Entry.UNKNOWN


KINDS: dict[str, type[Subject]] = {
    "site": Site,
    "routine": Routine,
    "operand": Operand,
    "exit": Exit,
    "blocking": Blocking,
    "helper": Helper,
    "noinstr-call": NoinstrCall,
}
"""By the name that a rule's `about` uses."""
