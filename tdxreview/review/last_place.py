"""Where the line of a finding is in the last state of the series."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from tdxreview.rules.model import Finding
from tdxreview.source.follow import Spot, onward
from tdxreview.source.model import PatchState


def with_last_places(
    findings: Iterable[Finding], states: Sequence[PatchState]
) -> tuple[Finding, ...]:
    """Give each finding the line that its place has once all patches are applied.

    It has none where the code was removed, where its patch does not apply, and where a later
    patch takes the line away.
    """
    return tuple(replace(each, last=_last(each, states)) for each in findings)


def _last(finding: Finding, states: Sequence[PatchState]) -> tuple[str, int] | None:
    place = finding.place
    if place is None or finding.side == "before":
        return None
    at = next((i for i, s in enumerate(states) if s.patch.position == finding.patch), None)
    if at is None or states[at].problem:
        return None
    return onward(Spot(place.path, place.line), states[at + 1 :])
