"""The facts of VMX operation: what is known of it at a site, and who turns it off."""

from enum import StrEnum

from tdxreview.facts.model import Subject


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
