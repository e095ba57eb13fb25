"""VMX operation at a call, with the ways that the judge of the verdict follows there."""

from __future__ import annotations

from collections.abc import Sequence

from tdxreview.facts.kinds import Site
from tdxreview.facts.unit import Function
from tdxreview.facts.vmx.judge import Judge
from tdxreview.facts.vmx.ways import count_ways, ways_to
from tdxreview.facts.why.model import Path, StateAt, Wish
from tdxreview.facts.why.states import VMX, wanted_by


def vmx_at(judge: Judge, site: Site, function: Function | None, wishes: Sequence[Wish]) -> StateAt:
    """Give the state of VMX operation at a site; its value is the fact that the rules go by."""
    line = site.place.line
    ways = ways_to(judge, function, line) if function else ()
    return StateAt(
        name=VMX,
        scope="cpu",
        value=str(site.vmx),
        wanted_by=wanted_by(VMX, wishes),
        paths=tuple(
            Path(
                start=way.entry,
                value=str(way.vmx),
                steps=way.steps,
                telling=tuple(range(len(way.steps))),
            )
            for way in ways
        ),
        cut=function is not None and count_ways(judge, function, line) > len(ways),
    )
