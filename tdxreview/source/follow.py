"""A line followed through the states of a series, onward to the last one and back from it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tdxreview.source.model import Change, PatchState


class Spot(NamedTuple):
    """A line of a file in one state."""

    path: str
    line: int


def onward(spot: Spot, states: Iterable[PatchState]) -> Spot | None:
    """Give where a line is after the patches of `states`; None if one takes it away.

    Patches that do not apply leave nothing behind, and are passed over.
    """
    here: Spot | None = spot
    for state in _applied(states):
        here = _after(here, state) if here else None
    return here


def back(spot: Spot, states: Sequence[PatchState]) -> Spot | None:
    """Give where a line was before the patches of `states`; None if one of them brought it."""
    here: Spot | None = spot
    for state in reversed(list(_applied(states))):
        here = _before(here, state) if here else None
    return here


def _applied(states: Iterable[PatchState]) -> Iterator[PatchState]:
    return (state for state in states if not state.problem)


def _after(spot: Spot, state: PatchState) -> Spot | None:
    """Follow a line through one patch: in its own file, or to where that was renamed."""
    own = [each for each in state.changes if each.before and each.before.path == spot.path]
    stays = [each for each in own if each.after and each.after.path == spot.path]
    if not stays and (not own or spot.path in state.images):
        return spot
    change: Change = (stays or own)[0]
    line = change.kept.after(spot.line)
    return Spot(change.after.path, line) if change.after and line else None


def _before(spot: Spot, state: PatchState) -> Spot | None:
    for change in state.changes:
        if change.after and change.after.path == spot.path:
            line = change.kept.before(spot.line)
            return Spot(change.before.path, line) if change.before and line else None
    return spot
