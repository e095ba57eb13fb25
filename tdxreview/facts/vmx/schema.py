"""The facts of VMX operation: what is known of it at a site, and who turns it off."""

from enum import StrEnum

from tdxreview.facts.model import Subject


class Vmx(StrEnum):
    """What the facts of VMX operation on this CPU come to where the SEAMCALL stands.

    No fact of rules: `tdxreview why` says it, and where ways differ the gravest of them is told.
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


class VmxState(StrEnum):
    """What is seen of VMX operation on a path that comes to the SEAMCALL.

    Where paths differ, it is the worst one; the other facts of VMX are of the same path.
    `on`: it was turned on on this path. `seen-on`: it was looked at. `on-online-cpus`: it was
    turned on on all CPUs that were online. `tried`: turning it on was tried, and has failed or may
    have. `turned-off`: it was turned off since. `on-other-paths`: other paths of this function
    turn it on, this one does not. `off`: an entry point leads here, and nobody turns it on.
    `off-above`: likewise, and it is told where the caller calls. `may-be-off`: the kernel comes
    here where it may lawfully be off. `caller`: it is the duty of callers that are not in view.
    """

    ON = "on"
    SEEN_ON = "seen-on"
    ON_ONLINE_CPUS = "on-online-cpus"
    TRIED = "tried"
    TURNED_OFF = "turned-off"
    ON_OTHER_PATHS = "on-other-paths"
    OFF = "off"
    OFF_ABOVE = "off-above"
    MAY_BE_OFF = "may-be-off"
    CALLER = "caller"
    UNKNOWN = "unknown"


class Cpu(StrEnum):
    """Which CPU makes the SEAMCALL, seen from that where VMX was turned on or looked at.

    `maybe-another`: the task may have moved since. `each`: every CPU that is online.
    """

    SAME = "same"
    MAYBE_ANOTHER = "maybe-another"
    ANOTHER = "another"
    EACH = "each"
    UNKNOWN = "unknown"


class Hotplug(StrEnum):
    """Whether CPUs can have come online since VMX was turned on on all of them.

    `open`: nobody held CPU hotplug off all the time, and no callback cares for those that come.
    `held-off`: it is held off here.
    """

    HELD_OFF = "held-off"
    OPEN = "open"
    UNKNOWN = "unknown"


class Warned(StrEnum):
    """Whether WARN, BUG or panic hangs on what the call gives back."""

    LOUD = "loud"
    QUIET = "quiet"
    UNKNOWN = "unknown"


class VmxRelease(Subject, frozen=True, kw_only=True):
    """A call that turns VMX off, or gives a reference to it back.

    `vmx` is what is seen of VMX operation on the path that comes to it.
    """

    callee: str
    vmx: VmxState = VmxState.UNKNOWN


class Balance(StrEnum):
    """What is left of the references to VMX that a function or a pair of callbacks counts.

    `kept`: one is taken that nobody gives back. `owed`: one is given back that nobody took.
    """

    EVEN = "even"
    KEPT = "kept"
    OWED = "owed"
    UNKNOWN = "unknown"


class VmxCount(Subject, frozen=True, kw_only=True):
    """A way out of a function that leaves more or fewer references to VMX than it should.

    `said` tells what it does with one, in words that go on with "a reference to VMX".
    """

    said: str
    balance: Balance = Balance.UNKNOWN
