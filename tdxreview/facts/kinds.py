"""The kinds of subject that rules can be about, each with its facts.

To add a fact: add a field with a closed enum here, fill it in the module that knows, test it
there. To add a kind: add a class here and a line in `KINDS`.
"""

from dataclasses import dataclass
from enum import StrEnum

from tdxreview.facts.abi import Returns
from tdxreview.facts.assembly.kinds import Routine
from tdxreview.facts.model import Subject
from tdxreview.facts.status_kinds import Definition, Retry, Use


class Vmx(StrEnum):
    """What is known of VMX operation on this CPU where the SEAMCALL stands.

    `off`: an entry point leads here and nobody turns it on. `partly`: this function turns it on
    itself, and another path through it comes here without. `wrong-cpu`: it is on, but not where
    the SEAMCALL is made. `tolerated`: it may rightly be off, and #UD is taken quietly;
    `not-tolerated`: it is not. `caller`: it is the duty of callers that are not in view.
    """

    ON = "on"
    OFF = "off"
    PARTLY = "partly"
    UNCHECKED = "unchecked"
    AFTER_DISABLE = "after-disable"
    WRONG_CPU = "wrong-cpu"
    TOLERATED = "tolerated"
    NOT_TOLERATED = "not-tolerated"
    CALLER = "caller"
    UNKNOWN = "unknown"


class StatusUse(StrEnum):
    """What becomes of the status, or of the errno made from it, at the site."""

    RETURNED = "returned"
    TESTED = "tested"
    PASSED = "passed"
    STORED = "stored"
    KEPT = "kept"
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


KINDS: dict[str, type[Subject]] = {
    "site": Site,
    "routine": Routine,
    "use": Use,
    "retry": Retry,
    "definition": Definition,
    "operand": Operand,
}
"""By the name that a rule's `about` uses."""
