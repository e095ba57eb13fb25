"""What can be said of the context that a SEAMCALL is made in."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple, Self

from msgspec.structs import replace

from tdxreview.facts.model import Subject
from tdxreview.kernel.context import Blocks, Held
from tdxreview.source.place import Line, Moves


class Exit(Subject, frozen=True, kw_only=True):
    """A way out of a function on a SEAMCALL path with something still held.

    `lock` names what; a function that is there to take it has no such exits.
    """

    lock: str
    keeps: frozenset[Held] = frozenset({Held.UNKNOWN})


class Blocking(Subject, frozen=True, kw_only=True):
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


class Helper(Subject, frozen=True, kw_only=True):
    """A function that calls the assembly SEAMCALL function it is handed a pointer to."""

    parameter: str
    inlined: Inlined = Inlined.UNKNOWN


class Instrumented(StrEnum):
    """Whether instrumentation may be in what a noinstr function calls.

    `warns`: a WARN, which opens an instrumented section of its own on x86.
    """

    NEVER = "never"
    POSSIBLY = "possibly"
    WARNS = "warns"
    UNKNOWN = "unknown"


class NoinstrCall(Subject, frozen=True, kw_only=True):
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


class Guard(NamedTuple):
    """Something that protects a call; `line` is where it is taken or asserted.

    `until` is the line of its release, where a function is seen in part and shows both; else 0.
    """

    kind: Held
    name: str
    asserted: bool
    line: int
    words: str
    until: int = 0


class Guarded(Subject, frozen=True, kw_only=True):
    """A call on the way to a SEAMCALL, or a function as a whole, and what protects it.

    No rule names its guards: two states are compared by them.
    """

    callee: str
    guards: tuple[Guard, ...] = ()

    def lines(self) -> Iterator[Line]:
        """Give every line that the subject tells of, those of its guards among them."""
        yield from Subject.lines(self)
        for guard in self.guards:
            yield Line(self.place.path, guard.line)
            if guard.until:
                yield Line(self.place.path, guard.until)

    def moved(self, moves: Moves) -> Self:
        """Give the subject and its guards where each line has another number."""
        path = self.place.path
        guards = (
            each._replace(
                line=moves(Line(path, each.line)),
                until=each.until and moves(Line(path, each.until)),
            )
            for each in self.guards
        )
        return replace(Subject.moved(self, moves), guards=tuple(sorted(guards)))


class Lost(StrEnum):
    """What of a protection is gone."""

    ASSERTION = "assertion"
    PROTECTION = "protection"
    UNKNOWN = "unknown"


class Protection(Subject, frozen=True, kw_only=True):
    """A protection that a patch took away from a call, or from a function as a whole."""

    protection: str
    callee: str
    lost: Lost = Lost.UNKNOWN
    kind: Held = Held.UNKNOWN


class Kept(StrEnum):
    """Whether all callers hold what a function asserts."""

    BROKEN = "broken"
    UNKNOWN = "unknown"


class Assertion(Subject, frozen=True, kw_only=True):
    """A lockdep assertion on a SEAMCALL path; `caller` is one that does not keep to it."""

    asserts: str
    caller: str
    kept: Kept = Kept.UNKNOWN


class Recursion(StrEnum):
    """Whether the CPU hotplug lock is taken where it is held."""

    RECURSIVE = "recursive"
    UNKNOWN = "unknown"


class HotplugCall(Subject, frozen=True, kw_only=True):
    """A call that takes the CPU hotplug lock, itself or in what it calls: `callee`."""

    callee: str
    recursion: Recursion = Recursion.UNKNOWN


class FromInterrupt(StrEnum):
    """Whether an interrupt that takes a lock as well is kept out while it is held."""

    UNGUARDED = "unguarded"
    UNKNOWN = "unknown"


class LockUse(Subject, frozen=True, kw_only=True):
    """Where a lock is taken that `handler` takes in an interrupt."""

    lock: str
    handler: str
    from_interrupt: FromInterrupt = FromInterrupt.UNKNOWN


class Races(StrEnum):
    """Whether several CPUs write something at once: always, or where a condition says so."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    UNKNOWN = "unknown"


class SharedWrite(Subject, frozen=True, kw_only=True):
    """A write without a lock in a function that runs on every CPU at once."""

    what: str
    races: Races = Races.UNKNOWN


class ReadUnder(StrEnum):
    """What orders the read of a flag with the data behind it."""

    LOCK = "lock"
    BARRIER = "barrier"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


class Guards(StrEnum):
    """What hangs on a flag."""

    DATA = "data"
    UNKNOWN = "unknown"


class FlagRead(Subject, frozen=True, kw_only=True):
    """A test of a flag that says what state the module is in."""

    flag: str
    under: ReadUnder = ReadUnder.UNKNOWN
    guards: Guards = Guards.UNKNOWN
