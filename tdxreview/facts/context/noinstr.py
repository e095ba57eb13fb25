"""What noinstr functions call, and what helpers of assembly functions are declared as."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.engine import Walk
from tdxreview.dataflow.environment import Environment
from tdxreview.facts.context.schema import Helper, Inlined, Instrumented, NoinstrCall
from tdxreview.kernel.names import kernel_names
from tdxreview.program.arguments import handovers_of
from tdxreview.program.program import Program
from tdxreview.program.symbols import Symbols
from tdxreview.program.unit import Function, Macro
from tdxreview.source.place import Step

DEEPEST = 3
"""Macros that are followed into each other."""


def helpers(program: Program, function: Function) -> Iterator[Helper]:
    """Give a function that is handed the assembly function it calls."""
    parameter = _handed_function(program, function)
    if not parameter or not function.text.head:
        return
    inlined = kernel_names().calls.inlined.some_in(function.words)
    span = ir.Span(0, 0, 0, 0)
    step = function.step(span, f"`{parameter}` is an assembly function that it calls")
    yield Helper(
        place=function.place(span),
        function=function.name,
        parameter=parameter,
        inlined=Inlined.ALWAYS if inlined else Inlined.LEFT_OPEN,
        evidence=(("inlined", (step,)),),
    )


def _handed_function(program: Program, function: Function) -> str:
    """Give the parameter that is an assembly function, empty if there is none."""
    known = kernel_names().host.function_types
    typed = [each.name for each in function.parameters if known.within(each.type)]
    if typed or not program.reaches(function):
        return typed[0] if typed else ""
    found = handovers_of(program).of_definition(function)
    at = found.function_argument if found is not None else None
    return function.parameters[at].name if at is not None else ""


def noinstr_calls(program: Program, function: Function) -> Iterator[NoinstrCall]:
    """Give what a noinstr function on a SEAMCALL path calls outside of instrumentation."""
    if not program.reaches(function) or "noinstr" not in function.words:
        return
    symbols, path = program.symbols, function.path
    flat = kernel_names().calls.flattened.some_in(function.words)
    for call in _outside(function.body):
        found = _instrumented(call, symbols, path, flat=flat)
        yield NoinstrCall(
            place=function.place(call.span),
            function=function.name,
            partial=function.partial,
            callee=call.name,
            instrumented=found,
            evidence=(("instrumented", _shown(function, symbols.definition(call.name, path))),),
        )


class _Section(Environment, frozen=True, cache_hash=True):
    """A path's knowledge, and whether it is in an instrumented section."""

    inside: bool = False


@dataclass(eq=False, repr=False)
class _Outside(Walk[_Section]):
    """The calls that may run outside of instrumentation_begin() and its end."""

    found: dict[int, ir.Call] = field(default_factory=dict)

    def kept(self, state: _Section) -> _Section:
        """Return what is taken from point to point."""
        return replace(state, known=())

    def reached(self, node: ir.Call, state: _Section) -> _Section:
        """Note a call, or enter and leave the section."""
        calls = kernel_names().calls
        opens = node.name in calls.opens_instrumentation
        if opens or node.name in calls.closes_instrumentation:
            return replace(state, inside=opens)
        if not state.inside and node.name:
            self.found[id(node)] = node
        return state


def _outside(body: ir.Body) -> list[ir.Call]:
    """Return the calls outside of instrumented sections; what came before a hunk is not known."""
    walk = _Outside(flow(body))
    walk.followed(_Section(inside=not body.head), walk.allowance)
    return sorted(walk.found.values(), key=lambda call: (call.span.line, call.span.column))


def _instrumented(
    call: ir.Call, symbols: Symbols, path: str, *, flat: bool, depth: int = 0
) -> Instrumented:
    calls = kernel_names().calls
    if call.name in calls.warns_quietly:
        return Instrumented.WARNS
    if call.name in calls.instrumented:
        return Instrumented.POSSIBLY
    found = symbols.definition(call.name, path)
    if call.name in symbols.prototypes:
        return Instrumented.UNKNOWN
    if isinstance(found, Function):
        return _of_function(found, symbols, flat=flat, depth=depth)
    if isinstance(found, Macro) and depth < DEEPEST:
        inner = [each for each in ir.calls(found.body.block) if each.name]
        return _gravest(inner, symbols, path, flat=flat, depth=depth)
    return Instrumented.UNKNOWN


def _of_function(found: Function, symbols: Symbols, *, flat: bool, depth: int) -> Instrumented:
    """Give what a function is that noinstr code calls; one that is noinstr is looked at itself."""
    calls = kernel_names().calls
    if not (flat or calls.quiet.some_in(found.words)):
        return Instrumented.POSSIBLY
    inlined = calls.inlined.some_in(found.words) and depth < DEEPEST
    inner = _outside(found.body) if inlined else ()
    return _gravest(inner, symbols, found.path, flat=flat, depth=depth)


def _gravest(
    inner: Iterable[ir.Call], symbols: Symbols, path: str, *, flat: bool, depth: int
) -> Instrumented:
    """Give the gravest that some calls in a macro or an inlined function are."""
    found = {_instrumented(each, symbols, path, flat=flat, depth=depth + 1) for each in inner}
    grave = (Instrumented.POSSIBLY, Instrumented.WARNS)
    return next((each for each in grave if each in found), Instrumented.NEVER)


def _shown(function: Function, found: Function | Macro | None) -> tuple[Step, ...]:
    if found is None:
        return ()
    start = ir.Span(0, 0, 0, 0)
    inlined = isinstance(found, Macro) or kernel_names().calls.quiet.some_in(found.words)
    how = "here, with what it calls" if inlined else "without noinstr or __always_inline"
    return (
        function.step(start, "noinstr begins here"),
        found.step(start, f"{found.name} is defined {how}"),
    )
