"""The per-CPU mark that caches hold lines of private memory, by which kexec knows to flush."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.dataflow.domains.progress import FLUSHED
from tdxreview.facts.life.marks import Marks, Sure, asks_mark, clears_mark, is_incoherent, is_mark
from tdxreview.facts.life.needed import facts_of
from tdxreview.facts.life.schema import LifeStep, Order
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words
from tdxreview.program.program import Program
from tdxreview.program.unit import Function, Text
from tdxreview.regex import regex

POINTER = regex(r"\(\s*\*")
KEXEC = "the next kernel"
MARK = "the mark that this CPU's caches are incoherent"
FLUSH = "a flush of the caches that may be incoherent"


def is_marked(program: Program) -> bool:
    """Tell whether the code in view knows such a mark at all."""
    return any(_names_it(each.text) for each in program.functions)


@lru_cache(maxsize=16384)
def _names_it(text: Text) -> bool:
    return "incoherent" in text.quiet and any(map(is_incoherent, words(text)))


def marking(program: Program) -> frozenset[str]:
    """Give the names that mean entering the module, if the code in view knows the mark."""
    if not is_marked(program):
        return frozenset()
    raw = (each.name for each in program.abi.wrappers if each.raw)
    return kernel_names().host.function_types.names.union(raw)


def _is_function(kind: str) -> bool:
    return kernel_names().host.function_types.within(kind) or POINTER.search(kind) is not None


def unmarked(marks: Marks, function: Function) -> Iterator[LifeStep]:
    """Give the calls of a function that enter the module, and whether the mark is set before."""
    raw = {each.name for each in marks.program.abi.wrappers if each.raw}
    handed = {each.name for each in function.parameters if _is_function(each.type)}
    for call in function.calls:
        if call.name in raw or call.pointer in handed:
            order = _marked(marks, function, call)
            yield _step(function, call.span, (call.written, "SEAMCALL", MARK), order)


def _marked(marks: Marks, function: Function, call: ir.Call) -> Order:
    before = marks.before(function, call.span).marked
    if before:
        return Order.KEPT
    inside = {each.marked for each in marks.walk(function).met.get(call.span, ())}
    if inside == {False} and any(map(is_mark, ir.nodes(function.body))):
        return Order.EARLY
    return Order.UNKNOWN if before is None or function.partial else Order.SKIPPED


def unflushed(marks: Marks, function: Function) -> Iterator[LifeStep]:
    """Give the places of a function that clear or ask for the mark, and whether it flushes."""
    walk = marks.walk(function)
    for node in ir.nodes(function.body):
        if clears_mark(node):
            done = marks.before(function, node.span).flushed
            yield _step(function, node.span, ("", KEXEC, FLUSH), _lacking(function, done=done))
        if isinstance(node, ir.If) and asks_mark(node.test):
            asked = {each.span for each in ir.walk(node.test)}
            done = walk.idle.isdisjoint(asked)
            yield _step(function, node.span, ("", KEXEC, FLUSH), _lacking(function, done=done))


def _lacking(function: Function, *, done: Sure) -> Order:
    if done:
        return Order.KEPT
    return Order.UNKNOWN if done is None or function.partial else Order.SKIPPED


def _step(function: Function, span: ir.Span, words: tuple[str, str, str], order: Order) -> LifeStep:
    callee, leaf, needed = words
    said = f"{function.name}() goes on to {leaf}: {SAID.get(order, 'cannot be told')}"
    return LifeStep(
        place=function.place(span),
        function=function.name,
        partial=function.partial,
        callee=callee,
        leaf=leaf,
        needs_what=needed,
        **facts_of(order),
        needs=FLUSHED,
        evidence=(("needed", (function.step(span, said),)),),
    )


SAID = {
    Order.KEPT: "kexec will find no stale lines",
    Order.EARLY: "the mark comes too late, kexec can stop this CPU in between",
    Order.SKIPPED: "stale lines may be written over the next kernel's memory",
}
