"""Whether a CPU is in VMX operation, as it is known at a point of a path, and what changes it."""

from __future__ import annotations

from enum import StrEnum
from operator import attrgetter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tdxreview.cfront.ir import Span
from tdxreview.dataflow.domains.pins import FREE, Hold
from tdxreview.dataflow.domains.signs import Value
from tdxreview.dataflow.environment import Environment


class Power(StrEnum):
    """What holds of VMX operation on a path.

    `CALLER`: as it was at the function's entry, which nobody told. `OFF`: it was off there.
    `FAILED`: it was to be turned on, and the call that does so has failed on this path.
    `DISABLED`: it was turned off. `DOUBT`: something was tested that may tell.
    """

    CALLER = "caller"
    OFF = "off"
    ON = "on"
    ON_ALL = "on-all"
    FAILED = "failed"
    DISABLED = "disabled"
    DOUBT = "doubt"


class Change(StrEnum):
    """What a call does to it."""

    SAME = "same"
    ON = "on"
    ON_ALL = "on-all"
    FAILED = "failed"
    OFF = "off"
    DOUBT = "doubt"


class Outcome(Struct, frozen=True, order=True):
    """One way in which a call can end: what it returns, and what it did."""

    value: Value
    change: Change


class Reach(StrEnum):
    """On which CPUs something runs, seen from the caller."""

    THIS = "this"
    EVERY = "every"
    OTHER = "other"
    LATER = "later"


class Event(Struct, frozen=True):
    """Something on a path that a trace shows."""

    span: Span
    text: str


DEEPEST = 3
"""References beyond this are not told apart."""


class State(Environment, frozen=True, eq=False):
    """What is known on a path of VMX operation, beside variables and conditions.

    `held` counts how often this function turned VMX on without turning it off; `own` says that
    it did so at all. `hold` is what keeps the
    path on its CPU, `early` are the places that needed VMX while nobody had told of it. States that
    differ in their `trail` alone are equal: one path to them is enough.
    """

    power: Power = Power.CALLER
    held: int = 0
    own: bool = False
    hold: Hold = FREE
    early: frozenset[Span] = frozenset()
    trail: tuple[Event, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and other.told() == self.told()

    def __hash__(self) -> int:
        return hash(self.told())

    def told(self) -> tuple[Any, ...]:
        """Return what states are compared by."""
        return _TOLD(self)

    def changed(self, change: Change, event: Event) -> State:
        """Give the state after a call did something to VMX operation."""
        if change is Change.SAME:
            return self
        after = replace(self, trail=(*self.trail, event))
        match change:
            case Change.ON | Change.ON_ALL:
                everywhere = change is Change.ON_ALL or self.power is Power.ON_ALL
                power = Power.ON_ALL if everywhere else Power.ON
                return replace(after, power=power, held=min(self.held + 1, DEEPEST), own=True)
            case Change.OFF if self.held > 1:
                return replace(after, held=self.held - 1)
            case Change.OFF:
                return replace(after, power=Power.DISABLED, held=0)
            case Change.FAILED:
                return replace(after, power=_after_failure(self.power))
            case _:
                return replace(after, power=Power.DOUBT)

    def net(self) -> Change:
        """Give what a function that ends in this state did to VMX operation."""
        if self.power is Power.DISABLED:
            return Change.SAME if self.own else Change.OFF
        return NET[self.power]


_TOLD = attrgetter(*(name for name in State.__struct_fields__ if name != "trail"))

NET = {
    Power.CALLER: Change.SAME,
    Power.OFF: Change.SAME,
    Power.ON: Change.ON,
    Power.ON_ALL: Change.ON_ALL,
    Power.FAILED: Change.FAILED,
    Power.DOUBT: Change.DOUBT,
}


def _after_failure(power: Power) -> Power:
    """Give what holds after a failure: what was held before, if it was."""
    return power if power in {Power.ON, Power.ON_ALL} else Power.FAILED
