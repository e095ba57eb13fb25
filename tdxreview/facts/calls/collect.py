"""Sites with the ways to them, and every other call: only for rules that ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from tdxreview.cache import Identity
from tdxreview.cfront import ir
from tdxreview.dataflow.meanings import program_of
from tdxreview.facts.calls.schema import EVERYTHING, Call, Leads, Wanted
from tdxreview.facts.calls.section import section_of
from tdxreview.facts.calls.ways import Ascent, ascent
from tdxreview.facts.model import Subject
from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.program import Program
from tdxreview.program.unit import Function, units_of
from tdxreview.source.model import Image

Placed = Mapping[tuple[str, str], Sequence[Function]]


def with_ways(
    subjects: Iterable[Subject],
    images: Sequence[Image],
    abi: Abi,
    of: frozenset[str] | None = None,
    wanted: Wanted = EVERYTHING,
) -> tuple[Subject, ...]:
    """Give the subjects with the ways to every site, and every call of the files named by `of`.

    Only what is `wanted` of that. `subjects` are those of these files (None: of all); all images
    are context.
    """
    units = units_of(images)
    program = program_of(Identity(units), Identity([abi]))
    up = ascent(program.graph, Identity(images), Identity([abi]))
    reported = [each for each in units if of is None or each.path in of]
    functions: dict[tuple[str, str], list[Function]] = {}
    for function in (each for unit in reported for each in unit.functions):
        functions.setdefault((function.path, function.name), []).append(function)
    ways = up if wanted.site_ways else None
    filled = (
        _filled(each, functions, ways) if isinstance(each, Site) else each for each in subjects
    )
    calls = (
        call
        for unit in reported
        for function in unit.functions
        for call in _calls(program, function, up if wanted.call_ways else None)
        if wanted.calls
    )
    return (*filled, *calls)


def _filled(site: Site, functions: Placed, up: Ascent | None) -> Site:
    """Give a site with its section and ways; what stands in no function in view has none."""
    for function in functions.get((site.place.path, site.function), ()):
        length = function.text.text.count("\n")
        if function.line <= site.place.line <= function.line + length:
            ways = up.ways(function, _call(function, site)) if up else None
            return replace(site, section=section_of(function), ways=ways)
    return site


def _call(function: Function, site: Site) -> ir.Call | None:
    return next((each for each in function.calls if function.place(each.span) == site.place), None)


def _calls(program: Program, function: Function, up: Ascent | None) -> Iterator[Call]:
    counted: Counter[str] = Counter()
    for call in function.calls:
        if not call.name:
            continue
        leads = program.leads(call.name, function.path)
        yield Call(
            place=function.place(call.span),
            function=function.name,
            ordinal=counted[call.name],
            partial=function.partial,
            section=section_of(function),
            ways=up.ways(function, call) if up else None,
            callee=call.name,
            leads=Leads.TO_SEAMCALL if leads else Leads.UNKNOWN,
        )
        counted[call.name] += 1
