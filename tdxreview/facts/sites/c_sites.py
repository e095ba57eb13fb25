"""SEAMCALL sites in C: where a leaf is called, and what becomes of its status there."""

from collections.abc import Iterator

from tdxreview.dataflow.domains.status_analysis import Analysis
from tdxreview.dataflow.domains.status_uses import Happening, Origin, OriginKind
from tdxreview.facts.sites.schema import Made, Site, StatusUse
from tdxreview.program.program import Program
from tdxreview.program.unit import Function

USES = {
    Happening.RETURNED: StatusUse.RETURNED,
    Happening.COMPARED: StatusUse.TESTED,
    Happening.CASE: StatusUse.TESTED,
    Happening.BITS: StatusUse.TESTED,
    Happening.SIGN: StatusUse.TESTED,
    Happening.TESTED: StatusUse.TESTED,
    Happening.WARNED: StatusUse.TESTED,
    Happening.PASSED: StatusUse.PASSED,
    Happening.PRINTED: StatusUse.PASSED,
    Happening.READ: StatusUse.PASSED,
    Happening.KEPT: StatusUse.KEPT,
    Happening.DISCARDED: StatusUse.DISCARDED,
    Happening.LOST: StatusUse.STORED,
}


def sites(program: Program, function: Function, analysis: Analysis) -> Iterator[Site]:
    """Give the sites of a function in the order of its text, each with its leaf and callee."""
    found = [
        (at, origin)
        for at, origin in enumerate(analysis.origins)
        if origin.kind is OriginKind.SITE and origin.call
    ]
    for at, origin in sorted(found, key=lambda each: (each[1].span.line, each[1].span.column)):
        yield Site(
            place=function.place(origin.span),
            function=function.name,
            partial=function.partial,
            callee=origin.name,
            leaf=program.leaf_of(origin.makes, origin.call, function.path),
            returns=origin.returns,
            made=_made(program, origin, function.path),
            status_use=_use(analysis, at),
        )


def _made(program: Program, origin: Origin, path: str) -> Made:
    """Tell whether the leaf is chosen here, or in the body of the callee, which is in view."""
    makes = origin.makes
    if makes is None:
        return Made.UNKNOWN
    chosen = makes.leaf_argument is None and program.symbols.function(origin.name, path)
    return Made.BELOW if chosen else Made.HERE


def _use(analysis: Analysis, at: int) -> frozenset[StatusUse]:
    found = {USES[e.what] for e in analysis.of_origin.get(at, ()) if e.what in USES}
    return frozenset(found) or frozenset({StatusUse.UNKNOWN})
