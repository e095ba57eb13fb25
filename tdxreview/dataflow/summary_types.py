"""What names mean for VMX operation, and what is met on the paths of a function."""

from __future__ import annotations

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.power import Outcome, Reach, State


class Effect(Struct, frozen=True):
    """What a call of a function means: how it can end, and what it needs.

    `needs` is where VMX has to be on, None if it makes no SEAMCALL that relies on its caller.
    `text` says in words what it does; `condition` are the argument's position and its text
    for which alone the effect is meant. `readies` says that it does LP.INIT on this CPU, `looks`
    that it only tells whether the CPU may be in VMX operation. `tells` are names beside its own
    by which it may say what it did.
    """

    outcomes: tuple[Outcome, ...] = ()
    needs: Reach | None = None
    condition: tuple[tuple[int, str], ...] = ()
    readies: bool = False
    looks: bool = False
    tells: frozenset[str] = frozenset()


class Handing(Struct, frozen=True):
    """A function or macro that runs a function it is given: argument, where and when.

    With `bound` it is given an object that carries the function; `offline` says that the function
    runs for CPUs that go.
    """

    argument: int
    reach: Reach
    entry: str
    bound: bool = False
    offline: bool = False


class Known(Struct, frozen=True):
    """What the names in a function mean for VMX operation, sorted by name.

    `holds` says that something keeps the task on its CPU there, or CPUs from coming. `bound` are
    objects with the functions they carry, `pointed` the functions that a call through a member
    or variable may come to.
    """

    effects: tuple[tuple[str, Effect], ...]
    handings: tuple[tuple[str, tuple[Handing, ...]], ...]
    holds: bool = False
    bound: tuple[tuple[str, str], ...] = ()
    pointed: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Arrival(Struct, frozen=True):
    """A path's state at something that needs VMX, or that hands a function over.

    `name` is the called or handed function, `span` the call; `by` is who hands it over. With
    `bare` it does not need VMX to be on, but turns it on or off itself.
    """

    span: ir.Span
    name: str
    reach: Reach
    state: State
    by: str = ""
    bare: bool = False


class Release(Struct, frozen=True):
    """A path's state where a call turns VMX off for sure, on the CPUs of `reach`."""

    span: ir.Span
    name: str
    reach: Reach
    state: State


class Explored(Struct, frozen=True):
    """All arrivals in the order found, and the ways in which the function can end.

    With `lost` the function has too many paths, and nothing of this may be relied on. `states`
    is how many were followed.
    """

    arrivals: tuple[Arrival, ...]
    outcomes: tuple[Outcome, ...]
    releases: tuple[Release, ...] = ()
    lost: bool = False
    states: int = 0
