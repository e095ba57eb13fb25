"""VMX operation at a call, with the ways that the judge of the verdict follows there."""

from __future__ import annotations

from collections.abc import Sequence

from tdxreview.explain.along import NOWHERE, steps_down
from tdxreview.explain.call_chains import Routes
from tdxreview.explain.model import Path, StateAt, Wish
from tdxreview.explain.states import VMX, start_of, wanted_by
from tdxreview.explain.vmx_paths import Way, count_ways, ways_to
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.vmx.check import Judge
from tdxreview.facts.vmx.seen import comes_to
from tdxreview.program.unit import Function
from tdxreview.source.place import Step


def vmx_at(
    judge: Judge, routes: Routes, at: tuple[Site, Function | None], wishes: Sequence[Wish]
) -> StateAt:
    """Give the state of VMX operation at a site; its value is the fact that the rules go by."""
    site, function = at
    ways = ways_to(judge, function, site.place) if function else ()
    return StateAt(
        name=VMX,
        scope="cpu",
        value=str(comes_to(site)),
        wanted_by=wanted_by(VMX, wishes),
        paths=tuple(_path(way, routes) for way in ways),
        cut=function is not None and count_ways(judge, function, site.place) > len(ways),
    )


def _path(way: Way, routes: Routes) -> Path:
    start, above = _beginning(way, routes)
    own = way.steps[1:] if above else way.steps
    steps = (*above, *(_sentence(step) for step in own))
    return Path(start=start, value=str(way.vmx), steps=steps, telling=tuple(range(len(steps))))


def _beginning(way: Way, routes: Routes) -> tuple[str, tuple[Step, ...]]:
    """Give where a way begins: where nobody calls its first function, who hands that over."""
    first = way.steps[0]
    top = routes.function(first.path, first.line) if way.entry.endswith(NOWHERE) else None
    above = next((route for route in routes.to(top) if route.hops), None) if top else None
    if above is None:
        return way.entry, ()
    return start_of(above), steps_down(above)


def _sentence(step: Step) -> Step:
    return Step(step.path, step.line, step.text.removesuffix(", which"), step.function)
