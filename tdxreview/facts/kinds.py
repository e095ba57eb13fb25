"""The kinds of subject that rules can be about, each with its facts.

To add a fact: add a field with a closed enum here, fill it in the module that knows, test it
there. To add a kind: add a class here and a line in `KINDS`.
"""

from enum import StrEnum

from tdxreview.facts.abi import Returns
from tdxreview.facts.argument_kinds import (
    ArgsInit,
    LeafName,
    LeafVersion,
    Operand,
    OutputsRead,
    StaleInputs,
)
from tdxreview.facts.context_kinds import (
    Assertion,
    Blocking,
    Bypass,
    Exit,
    FlagRead,
    Guarded,
    Helper,
    NoinstrCall,
    Protection,
    Serialised,
)
from tdxreview.facts.life.kinds import Care, LifeStep, OptionalUse, PageReturn, StateFlag
from tdxreview.facts.model import Subject
from tdxreview.facts.status_kinds import Definition, Retry, Use
from tdxreview.facts.trap.schema import Routine


class Vmx(StrEnum):
    """What is known of VMX operation on this CPU where the SEAMCALL stands.

    `off`: an entry point leads here and nobody turns it on. `partly`: this function turns it on
    itself, and another path through it comes here without. `wrong-cpu`: it is on, but not where
    the SEAMCALL is made. `tolerated`: it may rightly be off, and #UD is taken quietly;
    `not-tolerated`: it is not. `migrated`: it was seen to be on, and the path may have gone to
    another CPU since. `hotplug-window`: it was turned on on all online CPUs, and more may have
    come. `off-above`: a caller comes here without, and the finding stands there. `caller`: it is
    the duty of callers that are not in view.
    """

    ON = "on"
    OFF = "off"
    OFF_ABOVE = "off-above"
    PARTLY = "partly"
    UNCHECKED = "unchecked"
    AFTER_DISABLE = "after-disable"
    WRONG_CPU = "wrong-cpu"
    TOLERATED = "tolerated"
    NOT_TOLERATED = "not-tolerated"
    MIGRATED = "migrated"
    HOTPLUG_WINDOW = "hotplug-window"
    CALLER = "caller"
    UNKNOWN = "unknown"


class Ownership(StrEnum):
    """Whether VMX is turned off where this code turned it on.

    `unowned`: on this path turning it on has failed, on this CPU or on some.
    """

    OWN = "own"
    UNOWNED = "unowned"
    UNKNOWN = "unknown"


class VmxRelease(Subject, frozen=True, kw_only=True):
    """A call that turns VMX off, or gives a reference to it back."""

    callee: str
    ownership: Ownership = Ownership.UNKNOWN


class StatusUse(StrEnum):
    """What becomes of the status, or of the errno made from it, at the site."""

    RETURNED = "returned"
    TESTED = "tested"
    PASSED = "passed"
    STORED = "stored"
    KEPT = "kept"
    DISCARDED = "discarded"
    UNKNOWN = "unknown"


class Site(Subject, frozen=True, kw_only=True):
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
    bypass: Bypass = Bypass.UNKNOWN
    serialised: Serialised = Serialised.UNKNOWN


KINDS: dict[str, type[Subject]] = {
    "site": Site,
    "vmx-release": VmxRelease,
    "routine": Routine,
    "use": Use,
    "retry": Retry,
    "definition": Definition,
    "operand": Operand,
    "leaf-name": LeafName,
    "exit": Exit,
    "blocking": Blocking,
    "helper": Helper,
    "noinstr-call": NoinstrCall,
    "guarded": Guarded,
    "protection": Protection,
    "assertion": Assertion,
    "flag-read": FlagRead,
    "life-step": LifeStep,
    "page-return": PageReturn,
    "state-flag": StateFlag,
    "optional-use": OptionalUse,
    "care": Care,
}
"""By the name that a rule's `about` uses."""
