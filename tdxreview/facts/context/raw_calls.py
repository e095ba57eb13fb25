"""Whether a SEAMCALL goes through the wrappers it should, and one at a time where it has to."""

from collections.abc import Iterator
from functools import lru_cache

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import denoted
from tdxreview.facts.context.loader_calls import asks_the_loader
from tdxreview.facts.context.locks import surroundings
from tdxreview.facts.context.schema import Bypass, Serialised
from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.context import Held
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.tdx import Wrapper
from tdxreview.program.arguments import handovers_of
from tdxreview.program.program import Program
from tdxreview.program.symbols import key_of
from tdxreview.program.unit import Function
from tdxreview.program.words import words

ENTER = "TDH.VP.ENTER"
ASKED_IN_MACHINE_CHECKS = "TDH.PHYMEM.PAGE.RDMD"
_MACHINE_CHECK = ("mce", "machine_check", "memory_failure")
DEEPEST = 4
"""Callers, and callees, that are followed."""


def with_wrapping(program: Program, function: Function, site: Site) -> Site:
    """Give a site with the facts about what stands around the call."""
    return replace(
        site,
        bypass=_bypass(program, function, site),
        serialised=_serialised(program, function, site),
    )


def _bypass(program: Program, function: Function, site: Site) -> Bypass:
    wrapper = program.abi.wrapper_of_name.get(site.callee)
    if wrapper is None or not wrapper.raw:
        return Bypass.NONE
    if handovers_of(program).of_definition(function) is not None or site.leaf == ENTER:
        return Bypass.ALLOWED
    if _is_wrapper(function) or _is_told_the_leaf(function, site, wrapper):
        return Bypass.ALLOWED
    if "noinstr" in function.words or _in_machine_check(program, function, site):
        return Bypass.ALLOWED
    in_view = function.partial or _wrapper_known_in(program, function.path)
    return Bypass.AROUND if in_view else Bypass.UNKNOWN


def _is_wrapper(function: Function) -> bool:
    """Tell whether an inline function is nothing but one call: it is the wrapper then."""
    statements = function.body.block.body
    only = statements[0] if len(statements) == 1 and not function.partial else None
    inline = "inline" in function.words or kernel_names().calls.inlined.some_in(function.words)
    return inline and isinstance(only, ir.Return) and isinstance(only.value, ir.Call)


def _is_told_the_leaf(function: Function, site: Site, raw: Wrapper) -> bool:
    """Tell whether the leaf is a parameter, whatever else the raw call of a generation takes."""
    at = raw.leaf_argument
    names = {each.name for each in function.parameters}
    return any(
        at is not None and at < len(call.arguments) and denoted(call.arguments[at]) in names
        for call in _calls_at(function, site)
    )


def _calls_at(function: Function, site: Site) -> list[ir.Call]:
    spot = (site.place.line, site.place.column)
    return [
        call
        for call in function.calls
        if (function.place(call.span).line, call.span.column) == spot
    ]


def _in_machine_check(program: Program, function: Function, site: Site) -> bool:
    if site.leaf == ASKED_IN_MACHINE_CHECKS:
        return True
    todo, seen = [function], {key_of(function)}
    for _ in range(DEEPEST):
        if any(word in each.name for each in todo for word in _MACHINE_CHECK):
            return True
        above = {key_of(user): user for each in todo for user in program.graph.callers(each)}
        todo = [user for key, user in above.items() if key not in seen]
        seen |= above.keys()
    return False


def _wrapper_known_in(program: Program, path: str) -> bool:
    """Tell whether a file knows a wrapper of the assembly functions, or calls one.

    One that is static in another file is out of its reach, so that nothing goes around it.
    """
    if path in _calling_wrappers(program):
        return True
    return any(program.symbols.definition(name, path) for name in _wrappers(program))


@lru_cache(maxsize=4)
def _calling_wrappers(program: Program) -> frozenset[str]:
    return frozenset(_naming(program, _wrappers(program)))


def _naming(program: Program, names: frozenset[str]) -> Iterator[str]:
    """Yield the files with functions that use one of some names."""
    for function in program.functions:
        if not names.isdisjoint(words(function.text.quiet)):
            yield function.path


def _wrappers(program: Program) -> frozenset[str]:
    return frozenset(wrapper.name for wrapper in program.abi.wrappers if _wraps(wrapper))


def bypassed(program: Program) -> frozenset[tuple[str, str]]:
    """Give the raw functions with the files that use one and know of wrappers."""
    raw = frozenset(wrapper.name for wrapper in program.abi.wrappers if wrapper.raw)
    paths = frozenset(_naming(program, raw))
    knowing = [path for path in sorted(paths) if _wrapper_known_in(program, path)]
    return frozenset((name, path) for name in raw for path in knowing)


def _wraps(wrapper: Wrapper) -> bool:
    return not wrapper.raw and (
        wrapper.leaf_argument is not None or wrapper.function_argument is not None
    )


def _serialised(program: Program, function: Function, site: Site) -> Serialised:
    calls = _calls_at(function, site)
    if not calls or not _of_the_loader(program, function, site, calls[0]):
        return Serialised.UNKNOWN
    return _locked(program, function, calls[0], 0)


def _of_the_loader(program: Program, function: Function, site: Site, call: ir.Call) -> bool:
    """Tell whether a call asks the P-SEAMLDR: by the name of its leaf, or by its number."""
    leaf = program.abi.leaf_of_name.get(site.leaf)
    if leaf is not None:
        return leaf.loader
    found = handovers_of(program).of_call(call, function.path)
    at = found.leaf_argument if found is not None else None
    return at is not None and asks_the_loader(program, function, call, at)


def _locked(program: Program, function: Function, call: ir.Call, depth: int) -> Serialised:
    held = surroundings(program).holdings.of(function).always(call)
    if Held.RAW_SPINLOCK in held:
        return Serialised.LOCKED
    if held & {Held.LOCK, Held.UNKNOWN}:
        return Serialised.UNKNOWN
    inner = program.symbols.function(call.name, function.path)
    if inner is None or not inner.text.head or depth > DEEPEST:
        known = program.abi.wrapper_of_name.get(call.name)
        takes_lock = known is not None and known.name.startswith("seamldr")
        return Serialised.UNKNOWN if takes_lock else Serialised.OPEN
    found = handovers_of(program)
    ways = [
        _locked(program, inner, each, depth + 1)
        for each in inner.calls
        if found.of_call(each, inner.path) is not None
    ]
    if Serialised.OPEN in ways:
        return Serialised.OPEN
    return ways[0] if ways else Serialised.UNKNOWN
