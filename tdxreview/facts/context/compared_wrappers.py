"""Assembly SEAMCALL functions that a patch calls around the wrapper which it called before."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.facts.context.schema import Bypass
from tdxreview.facts.difference import difference
from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.names import kernel_names
from tdxreview.program.program import Program, assembly_in
from tdxreview.program.rewritten import Rewrite


def bypassed(program: Program, rewrite: Rewrite) -> Iterator[Site]:
    """Give the raw calls in whose place stood a wrapper of the same function, or of one like it."""
    raw = {each.name for each in program.abi.wrappers if each.raw}
    handed = assembly_in(rewrite.new)
    for now in rewrite.come(ir.Call):
        if now.name not in raw and now.pointer not in handed:
            continue
        for old in rewrite.gone(ir.Call):
            if _wraps(program, old, now) and not _is_dissolved(rewrite, old.name):
                place = rewrite.new.place(now.span)
                yield Site(
                    **difference(rewrite, place, rewrite.line_of(old), "bypass"),
                    callee=now.written,
                    leaf="",
                    bypass=Bypass.AROUND,
                )
                break


def _wraps(program: Program, old: ir.Call, now: ir.Call) -> bool:
    """Tell whether a call was the same SEAMCALL, through a wrapper."""
    wrapper = program.abi.wrapper(old.name, len(old.arguments))
    if wrapper is None or wrapper.raw:
        return False
    given, before = list(map(spelled, now.arguments)), list(map(spelled, old.arguments))
    if wrapper.function_argument is not None:
        return before == [now.written, *given]
    return wrapper.leaf_argument is not None and before == given and now.name == f"__{old.name}"


def _is_dissolved(rewrite: Rewrite, name: str) -> bool:
    """Tell whether the patch takes a wrapper away, or does here what it did."""
    marks = kernel_names().caches.incoherent.among(rewrite.patch.added)
    return bool(marks) or name in rewrite.patch.heads_gone
