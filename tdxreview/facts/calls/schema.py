"""Any call of host code, and the ways by which the kernel comes to a call."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.facts.model import Subject
from tdxreview.kernel.context import Section
from tdxreview.source.place import Line, Moves, Step


class Leads(StrEnum):
    """Whether a call leads to a SEAMCALL; what is out of view may lead to one as well."""

    TO_SEAMCALL = "to-seamcall"
    UNKNOWN = "unknown"


class Locks(Struct, frozen=True):
    """What is held at a call: kinds and states, and locks by name.

    `kinds` and `names` are held on some path, `always` and `always_named` on each one. What is
    not `known` may hold anything.
    """

    kinds: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    always_named: frozenset[str] = frozenset()
    known: bool = True


ANY_LOCKS = Locks(known=False)


class Wanted(Struct, frozen=True):
    """What rules ask for that costs time: ways to sites, calls at all, and the ways to those."""

    site_ways: bool = False
    calls: bool = False
    call_ways: bool = False

    def __bool__(self) -> bool:
        """Tell whether anything of it is asked for."""
        return self.site_ways or self.calls


NOTHING_MORE = Wanted()
EVERYTHING = Wanted(site_ways=True, calls=True, call_ways=True)


class Called(NamedTuple):
    """A call by which a function comes to another: the number of the caller, and where.

    `handed` names the entry point where the caller hands the other over (`on_each_cpu()`).
    """

    caller: int
    step: Step
    locks: Locks
    handed: str = ""


class Entry(NamedTuple):
    """How the kernel enters a function: the name of the entry point, and where that is seen."""

    name: str
    step: Step
    locks: Locks


class Above(Struct, frozen=True):
    """A function on a way, with the calls of it in view and the entry points that it is."""

    name: str
    section: Section
    callers: tuple[Called, ...] = ()
    entries: tuple[Entry, ...] = ()


class Ways(Struct, frozen=True):
    """All ways in view to a call; the first function is that which the call stands in."""

    functions: tuple[Above, ...]
    locks: Locks = ANY_LOCKS

    def steps(self) -> Iterator[Step]:
        """Give every step of every way."""
        for each in self.functions:
            yield from (called.step for called in each.callers)
            yield from (entry.step for entry in each.entries)

    def moved(self, moves: Moves) -> "Ways":
        """Give the ways where each line has another number."""
        return self._with(lambda step: step.moved(moves))

    def _with(self, change: Callable[[Step], Step]) -> "Ways":
        functions = tuple(
            replace(
                each,
                callers=tuple(called._replace(step=change(called.step)) for called in each.callers),
                entries=tuple(entry._replace(step=change(entry.step)) for entry in each.entries),
            )
            for each in self.functions
        )
        return Ways(functions, self.locks)


class OnWays(Subject, frozen=True, kw_only=True):
    """What has ways to it; they are looked for only if a rule asks for them (None: not yet)."""

    section: Section = Section.UNKNOWN
    ways: Ways | None = None

    def lines(self) -> Iterator[Line]:
        """Give every line that the subject tells of, those of its ways among them."""
        yield from Subject.lines(self)
        for step in self.ways.steps() if self.ways else ():
            yield Line(step.path, step.line)

    def moved(self, moves: Moves) -> Self:
        """Give the subject and its ways where each line has another number."""
        ways = self.ways.moved(moves) if self.ways else None
        return replace(Subject.moved(self, moves), ways=ways)


class Call(OnWays, frozen=True, kw_only=True):
    """Any call in a function of host code, of whatever function or macro.

    Such are looked at only if a rule is about them.
    """

    callee: str
    leads: Leads = Leads.UNKNOWN
