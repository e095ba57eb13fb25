"""What can be said of the context that a SEAMCALL is made in."""

from dataclasses import dataclass
from enum import StrEnum

from tdxreview.facts.model import Subject


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


class Bypass(StrEnum):
    """Whether a raw assembly function is called around the wrappers."""

    NONE = "none"
    ALLOWED = "allowed"
    AROUND = "around"
    UNKNOWN = "unknown"


class Serialised(StrEnum):
    """Whether a P-SEAMLDR call is made under a raw spinlock."""

    LOCKED = "locked"
    OPEN = "open"
    UNKNOWN = "unknown"
