"""Where the lines of a finding are in the last state of the series."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from tdxreview.rules.model import Finding
from tdxreview.source.follow import Spot, onward
from tdxreview.source.model import PatchState


def with_last_places(
    findings: Iterable[Finding], states: Sequence[PatchState]
) -> tuple[Finding, ...]:
    """Give each finding the lines that its place and its trace have once all is applied.

    There is none where the code was removed, where the patch does not apply, and where a later
    one takes the line away.
    """
    return tuple(_with_last(each, states) for each in findings)


def _with_last(finding: Finding, states: Sequence[PatchState]) -> Finding:
    at = next((i for i, s in enumerate(states) if s.patch.position == finding.patch), None)
    if at is None or states[at].problem or finding.side == "before":
        return finding
    later = states[at + 1 :]
    place = finding.place
    return replace(
        finding,
        last=onward(Spot(place.path, place.line), later) if place else None,
        last_trace=tuple(onward(Spot(each.path, each.line), later) for each in finding.trace),
    )
