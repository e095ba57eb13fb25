"""What was found about the statuses in one function, once all its paths were followed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from tdxreview.dataflow.domains.status_uses import (
    Event,
    Happening,
    Origin,
)
from tdxreview.dataflow.domains.status_value import Form


class Analysis(Struct, frozen=True, eq=False, dict=True):
    """What happens to statuses in one function; spans are relative to its first line."""

    origins: tuple[Origin, ...]
    events: tuple[tuple[Event, int], ...]
    repeats: tuple[tuple[int, int], ...]
    doubted: frozenset[int]
    locals: tuple[tuple[str, str], ...]
    tolerated: frozenset[int] = frozenset()
    """Origins after whose failure the function goes on with what it does after success."""
    cut_short: bool = False
    states: int = 0

    @cached_property
    def of_origin(self) -> Mapping[int, tuple[Event, ...]]:
        """Return the events of each origin."""
        found: dict[int, list[Event]] = {}
        for event, _ in self.events:
            found.setdefault(event.origin, []).append(event)
        return {origin: tuple(events) for origin, events in found.items()}

    @cached_property
    def returned(self) -> frozenset[Form]:
        """Return the forms in which a status is returned."""
        return frozenset(e.form for e, _ in self.events if e.what is Happening.RETURNED)

    @cached_property
    def assigned(self) -> frozenset[tuple[str, Form]]:
        """Return the variables that a status is put into, each with its form there."""
        return frozenset((e.target, e.form) for e, _ in self.events if e.what is Happening.ASSIGNED)
