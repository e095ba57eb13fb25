"""Calls that turn VMX off, or give a reference back, on a path that has nothing to give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tdxreview.cfront import ir
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.control_dependence import related
from tdxreview.dataflow.domains.power import Power
from tdxreview.dataflow.summary_types import Release
from tdxreview.facts.vmx.schema import Vmx, VmxState
from tdxreview.facts.vmx.verdicts import partly
from tdxreview.program.unit import Function


def unowned(function: Function, releases: Sequence[Release]) -> Iterator[tuple[Release, VmxState]]:
    """Give those of the releases of one start that are wrong, with what is seen of VMX there."""
    at: dict[ir.Span, list[Release]] = defaultdict(list)
    for release in releases:
        at[release.span].append(release)
    for release in releases:
        found = _seen(function, release, at[release.span])
        if found is not None:
            yield release, found


def _seen(function: Function, release: Release, others: Sequence[Release]) -> VmxState | None:
    state = release.state
    match state.power:
        case Power.FAILED:
            return VmxState.TRIED
        case Power.DISABLED if state.trail:
            # The second round of a loop may be another CPU's, or give back one more reference.
            before = state.trail[-1].span
            again = before == release.span or related(flow(function.body), before, release.span)
            return None if again else VmxState.TURNED_OFF
        case Power.CALLER if partly(release, others, function) is Vmx.PARTLY:
            return VmxState.ON_OTHER_PATHS
        case _:
            return None
