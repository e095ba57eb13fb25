"""What code can run under, and what it may do that is not allowed everywhere."""

from enum import StrEnum


class Held(StrEnum):
    """What code can hold, or run under."""

    RAW_SPINLOCK = "raw-spinlock"
    SPINLOCK = "spinlock"
    MUTEX = "mutex"
    LOCK = "lock"
    IRQS_OFF = "irqs-off"
    PREEMPT_OFF = "preempt-off"
    CPU_PINNED = "cpu-pinned"
    BH_OFF = "bh-off"
    RCU = "rcu"
    CPUS_LOCKED = "cpus-locked"
    MEMORY_LOCKED = "memory-locked"
    NOINSTR = "noinstr"
    ERRATUM = "erratum"
    UNKNOWN = "unknown"


class Blocks(StrEnum):
    """What a call may do that is not allowed everywhere."""

    SLEEPS = "sleeps"
    WAITS_FOR_CPUS = "waits-for-cpus"
    UNKNOWN = "unknown"


class Section(StrEnum):
    """Where the code of a function goes: by the words before its name, in assembly by `.section`.

    `init`: `__init` or `.init.text`, given back after boot. `exit`: `__exit`. `noinstr`: never
    instrumented. `inlined`: `__always_inline`, so that it stands where its callers stand.
    `text`: anywhere else.
    """

    INIT = "init"
    EXIT = "exit"
    NOINSTR = "noinstr"
    INLINED = "inlined"
    TEXT = "text"
    UNKNOWN = "unknown"
