"""What keeps a path on its CPU, and CPUs from coming: preemption, interrupts, CPU hotplug."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names

PINNED = frozenset(["cpu-pinned", "irqs-off"])
LOCKED = frozenset(["cpus-locked"])


class Grip(StrEnum):
    """What a call does to what is held."""

    PIN = "pin"
    UNPIN = "unpin"
    PINNED = "pinned"
    LOCK = "lock"
    UNLOCK = "unlock"


class Hold(Struct, frozen=True):
    """What this function holds on a path.

    `seen_pinned` says whether the CPU was pinned when it was looked at, or VMX turned on there
    (None: it was not); `moved` that the path may have gone to another CPU since. `everywhere`
    says whether CPU hotplug was held off when callbacks had turned VMX on on all CPUs (None:
    nothing did, or CPUs that come later are cared for); `gap` that it was not all the time since.
    """

    pins: int = 0
    locks: int = 0
    seen_pinned: bool | None = None
    moved: bool = False
    everywhere: bool | None = None
    gap: bool = False

    def after(self, grip: Grip) -> Hold:
        """Give what is held after a call."""
        match grip:
            case Grip.PIN:
                moved = self.moved or self.seen_pinned is False
                return replace(self, pins=self.pins + 1, moved=moved)
            case Grip.UNPIN:
                pins = max(self.pins - 1, 0)
                moved = self.moved or (self.seen_pinned is not None and not pins)
                return replace(self, pins=pins, moved=moved)
            case Grip.PINNED:
                return replace(self, pins=max(self.pins, 1))
            case Grip.LOCK:
                gap = self.gap or self.everywhere is False
                return replace(self, locks=self.locks + 1, gap=gap)
            case Grip.UNLOCK:
                locks = max(self.locks - 1, 0)
                gap = self.gap or (self.everywhere is True and not locks)
                return replace(self, locks=locks, gap=gap)

    def at(self, states: tuple[str, ...]) -> Hold:
        """Give what is held where an entry point starts with some states."""
        return replace(self, pins=int(_any(states, PINNED)), locks=int(_any(states, LOCKED)))

    def handed_down(self) -> Hold:
        """Give what a callee begins with: that something is held, not how often."""
        return replace(self, pins=min(self.pins, 1), locks=min(self.locks, 1))

    def looked(self) -> Hold:
        """Give what is held after the CPU's own state was read."""
        return replace(self, seen_pinned=self.pins > 0, moved=False)

    def turned_on_here(self) -> Hold:
        """Give what is held after VMX was turned on on this CPU."""
        return replace(self, seen_pinned=True if self.pins else None, moved=False)

    def turned_on_everywhere(self) -> Hold:
        """Give what is held after callbacks have turned VMX on on the CPUs that are online."""
        return replace(self, everywhere=self.locks > 0, gap=False)

    def cared_for(self) -> Hold:
        """Give what is held once CPUs that come online later are cared for."""
        return replace(self, everywhere=None, gap=False)


FREE = Hold()


def grip_of(name: str) -> Grip | None:
    """Return what a call of a name does to what is held, None if nothing."""
    locks = kernel_names().locks
    kinds = locks.kinds_of(name)
    if locks.pins(kinds.asserts):
        return Grip.PINNED
    for held, pin, lock in (
        (kinds.takes, Grip.PIN, Grip.LOCK),
        (kinds.gives, Grip.UNPIN, Grip.UNLOCK),
    ):
        if locks.pins(held):
            return pin
        if Held.CPUS_LOCKED in held:
            return lock
    return None


def grip_of_guard(name: str) -> Grip | None:
    """Return what a guard of a class does to what is held, None if nothing."""
    locks = kernel_names().locks
    held = locks.kinds_of_guard(name)
    if locks.pins(held):
        return Grip.PIN
    return Grip.LOCK if Held.CPUS_LOCKED in held else None


def _any(states: tuple[str, ...], wanted: frozenset[str]) -> bool:
    return any(state.partition("@")[0] in wanted for state in states)
