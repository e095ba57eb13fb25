"""Which assembly a call ends in, so that one can tell what becomes of #UD and #GP there."""

from __future__ import annotations

from collections.abc import Iterable

from tdxreview.dataflow.domains.pin_effects import plain_name
from tdxreview.facts.model import Subject
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.trap.schema import Routine
from tdxreview.program.program import Program, words
from tdxreview.program.unit import Function


def assembly_of(program: Program, function: Function, site: Site) -> frozenset[str]:
    """Give the assembly functions that a site's SEAMCALLs are made in, as far as in view."""
    todo = {site.callee, *_given(function, site)}
    seen: set[str] = set()
    found: set[str] = set()
    while todo:
        name = todo.pop()
        seen.add(name)
        wrapper = program.abi.wrapper_of_name.get(name)
        if wrapper is not None and wrapper.raw:
            found.add(name)
        else:
            todo |= (_used(program, name) & program.reaching) - seen
    return frozenset(found)


def routines_of(names: frozenset[str], subjects: Iterable[Subject]) -> tuple[Routine, ...]:
    """Give the SEAMCALL instructions that stand in some assembly functions."""
    return tuple(
        each
        for each in subjects
        if isinstance(each, Routine) and names & {each.function, *words(each.variant)}
    )


def _given(function: Function, site: Site) -> frozenset[str]:
    """Give the names in the arguments of the site's call."""
    return frozenset(
        plain_name(argument)
        for call in function.calls
        if call.name == site.callee and function.place(call.span) == site.place
        for argument in call.arguments
    )


def _used(program: Program, name: str) -> frozenset[str]:
    bodies = [each.text.quiet[each.text.at :] for each in program.functions.get(name, ())]
    bodies += [each.text[each.at :] for each in program.macros.get(name, ())]
    return frozenset[str]().union(*map(words, bodies))
