"""What can be said of the values that are handed to the TDX module, and of what comes back."""

from enum import StrEnum

from tdxreview.facts.model import Subject


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
    """Whether the struct's inputs are still what an earlier call has returned in them.

    `outputs-of-some`: the leaf is a parameter, and some leaves give back what they take.
    """

    FRESH = "fresh"
    OUTPUTS = "outputs"
    OUTPUTS_OF_SOME = "outputs-of-some"
    UNKNOWN = "unknown"


class LeafVersion(StrEnum):
    """Whether the version bits of the leaf and the registers that are set go together."""

    FITS = "fits"
    BARE_SHIFT = "bare-shift"
    INPUTS_MISSING = "inputs-missing"
    NOT_ASKED_FOR = "not-asked-for"
    UNKNOWN = "unknown"


class Address(StrEnum):
    """What kind of address is put into a register."""

    PHYSICAL = "physical"
    VIRTUAL = "virtual"
    STACK = "stack"
    VMALLOC = "vmalloc"
    FRAME = "frame-number"
    UNKNOWN = "unknown"


class Alignment(StrEnum):
    """Whether the buffer behind an address is aligned as asked for, or by luck."""

    LUCK = "luck"
    UNKNOWN = "unknown"


class Operand(Subject, frozen=True, kw_only=True):
    """One value that is put into a register for a SEAMCALL, where it is set."""

    callee: str
    leaf: str
    register: str
    address: Address = Address.UNKNOWN
    alignment: Alignment = Alignment.UNKNOWN


class LeafNumber(StrEnum):
    """Whether a leaf's number is the one that the ABI gives to its name."""

    RIGHT = "right"
    WRONG = "wrong"
    OF_ANOTHER = "of-another"
    TAKEN_TWICE = "taken-twice"
    NO_LEAF = "no-leaf"
    UNKNOWN = "unknown"


class LeafName(Subject, frozen=True, kw_only=True):
    """A definition that names a leaf's number; the numbers are texts, for messages.

    `other` is the leaf, or the other name, that has this number.
    """

    name: str
    value: str = ""
    right_value: str = ""
    other: str = ""
    number: LeafNumber = LeafNumber.UNKNOWN
