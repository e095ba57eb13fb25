"""Which assembly a call ends in, so that one can tell what becomes of #UD and #GP there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdxreview.cfront.access_path import plain_name
from tdxreview.facts.model import Subject
from tdxreview.facts.sites.schema import Site
from tdxreview.facts.trap.schema import Routine
from tdxreview.program.program import Program
from tdxreview.program.unit import Function, Macro
from tdxreview.program.words import words


def assembly_of(program: Program, function: Function, site: Site) -> frozenset[str]:
    """Give the assembly functions that a site's SEAMCALLs are made in, as far as in view."""
    todo = {(name, function.path) for name in (site.callee, *_given(function, site))}
    seen: set[tuple[str, str]] = set()
    found: set[str] = set()
    while todo:
        name, path = todo.pop()
        seen.add((name, path))
        wrapper = program.abi.wrapper_of_name.get(name)
        if wrapper is not None and wrapper.raw:
            found.add(name)
        else:
            todo |= {each for each in _used(program, name, path) if each not in seen}
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


def _used(program: Program, name: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the names that the bodies of a definition have and that lead on, with their file."""
    for each in program.symbols.definitions(name, path):
        if isinstance(each, Macro):
            text, inside = each.text[each.at :], path
        else:
            text, inside = each.text.quiet[each.text.at :], each.path
        yield from ((word, inside) for word in words(text) & program.reaching)
