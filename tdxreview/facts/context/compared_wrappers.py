"""Assembly SEAMCALL functions that a patch calls around the wrapper which it called before."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.facts.context.schema import Bypass
from tdxreview.facts.sites.schema import Site
from tdxreview.program.program import Program
from tdxreview.program.rewritten import Rewrite


def bypassed(program: Program, rewrite: Rewrite) -> Iterator[Site]:
    """Give the raw calls in whose place stood a wrapper that was handed the function."""
    raw = {each.name for each in program.abi.wrappers if each.raw}
    for now in rewrite.come(ir.Call):
        if now.name not in raw:
            continue
        given = list(map(spelled, now.arguments))
        for old in rewrite.gone(ir.Call):
            wrapper = program.abi.wrapper(old.name, len(old.arguments))
            handed = list(map(spelled, old.arguments))
            if wrapper and wrapper.function_argument is not None and handed == [now.name, *given]:
                place = rewrite.new.place(now.span)
                yield Site(
                    place=place,
                    function=rewrite.new.name,
                    compared=True,
                    callee=now.name,
                    leaf="",
                    bypass=Bypass.AROUND,
                    evidence=(("bypass", (rewrite.was(place, rewrite.line_of(old)),)),),
                )
