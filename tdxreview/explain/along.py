"""The protocol's states along a way: what each call on it leaves of them, and adds."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.explain.call_chains import Hop, Route
from tdxreview.explain.model import GRAVITY, Value
from tdxreview.explain.within import Tidings, Told, told
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.locks import PINNED
from tdxreview.kernel.protocol import EntryPoint, RunsOn
from tdxreview.program.entry_points import Entered
from tdxreview.program.program import Program
from tdxreview.program.unit import Function
from tdxreview.source.place import Step

CONTEXT = ("irqs-off", PINNED, "cpus-locked")
"""States that the code around a call keeps up, and gives back."""
OF_CPU = frozenset({"irqs-off", "cpu-pinned", "lp-init", "vmx-on"})
NOWHERE = "no caller in view"


class Point(Struct, frozen=True):
    """A call on a way, with the states before it."""

    function: Function
    span: ir.Span
    text: str
    states: Tidings


class Along:
    """The states along ways through one state of the code."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.abi: Abi = program.abi

    def points(self, route: Route, function: Function, call: ir.Call) -> tuple[Point, ...]:
        """Give the calls on the way to a call, and that one itself, with the states before each."""
        states = self._entered(route)
        owed = route.entered is None
        found: list[Point] = []
        for hop in route.hops:
            states = self._inside(states, hop.caller, hop.spans, owed=owed)
            found.append(Point(hop.caller, hop.spans[0], _said(hop), states))
            states = _below(states, hop)
        states = self._inside(states, function, (call.span,), owed=owed)
        found.append(Point(function, call.span, f"{call.name}()", states))
        return tuple(found)

    def _entered(self, route: Route) -> Tidings:
        if route.entered is None:
            return {}
        entry, step = route.entered.entry, entry_step(route.entered)
        off = {
            name: Told(Value.OFF, replaced(step, f"{step.text} starts without it"))
            for name in _lacking(entry)
        }
        return {**off, **dict(_of_entry(entry, step))}

    def _inside(
        self, states: Tidings, function: Function, spans: tuple[ir.Span, ...], *, owed: bool
    ) -> Tidings:
        """Give the states at calls in a function: the worst of them, where they differ.

        With `owed`, what the function's contract asks for is for callers out of view to bring.
        """
        own = {**(self._duties(function) if owed else {}), **states}
        calls = {call.span: call for call in function.calls}
        ways = [told(self._program, function, calls[span]) for span in spans if span in calls]
        each = [{**own, **_new(own, way)} for way in ways] or [own]
        return {
            name: min((way[name] for way in each), key=lambda one: GRAVITY.index(one.value))
            for name in each[0]
            if all(name in way for way in each)
        }

    def _duties(self, function: Function) -> Tidings:
        contract = self.abi.contract_of_function.get(function.name)
        requires = contract.requires if contract else ()
        step = Step(function.path, function.line, f"{function.name}() leaves it to its callers")
        return {
            name: Told(Value.CALLER, step, scope)
            for name, _, scope in (each.partition("@") for each in requires)
        }


def _new(own: Tidings, inside: Tidings) -> Tidings:
    """Give what a function tells that counts: an assertion adds nothing to what is known."""
    return {
        name: one
        for name, one in inside.items()
        if one.value is not Value.CALLER or name not in own or own[name].value is Value.CALLER
    }


def _said(hop: Hop) -> str:
    if not hop.by:
        return f"{hop.caller.name}() calls {hop.callee}()"
    where = {RunsOn.EACH: " on every CPU", RunsOn.OTHER: " on another CPU"}
    runs = where.get(hop.handing.runs_on, "") if hop.handing else ""
    return f"{hop.caller.name}() hands {hop.callee}() to {hop.by}(){runs}"


def _of_entry(entry: EntryPoint, step: Step) -> Iterator[tuple[str, Told]]:
    for each in entry.states:
        name, _, scope = each.partition("@")
        yield name, Told(Value.HELD, step, scope)
        if name == "irqs-off":
            yield "cpu-pinned", Told(Value.HELD, step)


def _lacking(entry: EntryPoint) -> tuple[str, ...]:
    """Return the states of the context that surely do not hold where an entry point begins."""
    context = entry.context()
    if context is None:
        return ()
    loose = "preempt-off" in context.lacks and PINNED not in context.holds
    return tuple(each for each in CONTEXT if each in context.lacks or (each == PINNED and loose))


def _below(states: Tidings, hop: Hop) -> Tidings:
    """Give the states where a callee begins; one that is handed over may run elsewhere, later."""
    if not hop.by:
        return states
    step = hop.caller.step(hop.spans[0], _said(hop))
    if hop.handing is None:
        return {}
    kept = states if hop.handing.immediate else {}
    same_cpu = hop.handing.runs_on is RunsOn.THIS
    left = {
        name: one
        for name, one in kept.items()
        if same_cpu or name not in OF_CPU or one.scope == "all-cpus"
    }
    return {**left, **dict(_of_entry(hop.handing, step))}


def steps_down(route: Route) -> tuple[Step, ...]:
    """Give the steps of a way, down to the call of the function that it leads into."""
    hops = tuple(hop.caller.step(hop.spans[0], _said(hop)) for hop in route.hops)
    return (entry_step(route.entered), *hops) if route.entered else hops


def entry_step(entered: Entered) -> Step:
    """Give the step that shows an entry, as a sentence of its own."""
    return replaced(entered.step, entered.step.text.removesuffix(", which"))


def replaced(step: Step, text: str) -> Step:
    """Give a step with another text."""
    return Step(step.path, step.line, text, step.function)
