"""The VMX fact of sites, and the sites that only it makes: calls that lead to a SEAMCALL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from tdxreview.dataflow.summary_types import Release
from tdxreview.facts.model import Subject
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.vmx.check import Judge, Judged
from tdxreview.facts.vmx.references import References
from tdxreview.facts.vmx.schema import Vmx, VmxRelease, VmxState, Warned
from tdxreview.facts.vmx.seen import STATES, Seen
from tdxreview.facts.vmx.verdicts import WRONG
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.unit import Function, Unit, is_c, unit
from tdxreview.source.model import Image
from tdxreview.source.place import Place, Step

FACT = "vmx"
FACTS = (FACT, "cpu", "hotplug")
"""What the path to a site tells of it."""
SEEN_WHOLE = frozenset([Vmx.UNCHECKED, Vmx.AFTER_DISABLE, Vmx.WRONG_CPU])
"""What does not hang on the code before: what turned VMX on or off is in view."""


def with_vmx(
    subjects: Iterable[Subject],
    images: Sequence[Image],
    abi: Abi,
    of: frozenset[str] | None = None,
) -> tuple[Subject, ...]:
    """Give the subjects with the VMX fact of every site filled in, and further sites due to it.

    A call that leads to a SEAMCALL in another function is a site of its own only if something
    is wrong there, or if its function has a documented contract, as `tdx_enable()` has.
    `subjects` are those of the files named by `of` (None: of all); all images are context.
    """
    units = [unit(image) for image in images if is_c(image)]
    judge = Judge(images, units, abi, of)
    judged = {_key(each): each for each in judge.calls()}
    functions = _by_place(units)
    filled = [
        _filled(each, judged, judge, functions) if isinstance(each, Site) else each
        for each in subjects
    ]
    seen = {_site_key(each) for each in filled if isinstance(each, Site)}
    wrong = [each for key, each in judged.items() if key not in seen and each.vmx in WRONG]
    with_sites = {(each.place.path, each.function) for each in filled if isinstance(each, Site)}
    with_sites |= {(each.function.path, each.function.name) for each in wrong}
    documented = [
        each
        for each in judge.documented()
        if (each.function.path, each.function.name) not in with_sites
    ]
    references = References(judge.contracts.graph, images, abi)
    counts = (each for each in references.found() if of is None or each.place.path in of)
    sites = _sites(judge, (*wrong, *documented))
    return (*filled, *sites, *map(_release, judge.releases()), *counts)


def _release(found: tuple[Function, Release, VmxState]) -> VmxRelease:
    function, release, seen_there = found
    steps = tuple(function.step(event.span, event.text) for event in release.state.trail)
    return VmxRelease(
        place=function.place(release.span),
        function=function.name,
        partial=function.partial,
        evidence=((FACT, steps),),
        callee=release.name,
        vmx=seen_there,
    )


def _evidence(steps: tuple[Step, ...]) -> Iterator[tuple[str, tuple[Step, ...]]]:
    return ((fact, steps) for fact in FACTS)


Key = tuple[Place, str, str]
"""A call is told from all others by its place, columns included: a line may hold several.

Besides by its function, for functions that a macro makes share a line, and by what it calls.
"""


def _key(judged: Judged) -> Key:
    return judged.function.place(judged.span), judged.function.name, judged.callee


def _site_key(site: Site) -> Key:
    return site.place, site.function, site.callee


def _by_place(units: Iterable[Unit]) -> dict[tuple[str, str], Function]:
    return {(each.path, each.name): each for one in units for each in one.functions}


def _filled(
    site: Site,
    judged: dict[Key, Judged],
    judge: Judge,
    functions: dict[tuple[str, str], Function],
) -> Site:
    found = judged.get(_site_key(site))
    if found is not None:
        return _with(site, judge.warned(found.function, found.span), found.seen, found.steps)
    function = functions.get((site.place.path, site.function))
    if function is None:
        return site
    vmx, steps = judge.everywhere(function, site.place)
    spans = (each.span for each in function.calls if function.place(each.span) == site.place)
    span = next(spans, None)
    warned = judge.warned(function, span) if span else Warned.UNKNOWN
    return _with(site, warned, Seen(STATES[vmx]), steps)


def _with(site: Site, warned: Warned, seen: Seen, steps: tuple[Step, ...]) -> Site:
    return replace(
        site,
        vmx=seen.vmx,
        cpu=seen.cpu,
        hotplug=seen.hotplug,
        warned=warned,
        evidence=(*site.evidence, *_evidence(steps)),
    )


def _sites(judge: Judge, wrong: Iterable[Judged]) -> Iterator[Site]:
    count: Counter[tuple[str, str, str]] = Counter()
    for each in wrong:
        function = each.function
        key = (function.path, function.name, each.callee)
        yield Site(
            place=function.place(each.span),
            function=function.name,
            ordinal=count[key],
            partial=not (function.text.head or each.vmx in SEEN_WHOLE),
            evidence=tuple(_evidence(each.steps)),
            callee=each.callee,
            leaf="",
            vmx=each.seen.vmx,
            cpu=each.seen.cpu,
            hotplug=each.seen.hotplug,
            warned=judge.warned(function, each.span),
        )
        count[key] += 1
