"""The per-CPU mark that caches hold lines of private memory, by which kexec knows to flush."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.dataflow.flag_writes import is_write
from tdxreview.facts.life.schema import LifeStep, Needed, Order
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words
from tdxreview.program.program import Program
from tdxreview.program.running import keeper_of
from tdxreview.program.unit import Function, Text

POINTER = re.compile(r"\(\s*\*")
KEXEC = "the next kernel"
MARK = "the mark that this CPU's caches are incoherent"
FLUSH = "a flush of the caches that may be incoherent"


def is_incoherent(name: str) -> bool:
    """Tell whether a flag says that a CPU's caches may hold lines of private memory."""
    return name in kernel_names().caches.incoherent


def is_mark(node: ir.Node) -> bool:
    """Tell whether a node notes that the caches are incoherent."""
    value = _written(node)
    return value is not None and spelled(value) in {"true", "1"}


def _written(node: ir.Node) -> ir.Expr | None:
    match node:
        case ir.Call(arguments=(ir.Name(id=flag), value, *_)) if is_write(node):
            return value if is_incoherent(flag) else None
        case ir.Assign(target=target, value=value) if is_incoherent(keeper_of(target)):
            return value
        case _:
            return None


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


def unmarked(program: Program, function: Function) -> Iterator[LifeStep]:
    """Give the calls of a function that enter the module, and whether the mark is set before."""
    raw = {each.name for each in program.abi.wrappers if each.raw}
    handed = {each.name for each in function.parameters if _is_function(each.type)}
    marks = [node.span for node in ir.nodes(function.body) if is_mark(node)]
    for call in function.calls:
        if call.name in raw or call.pointer in handed:
            order = _before(call.span, marks, function)
            yield _step(function, call.span, (call.written, "SEAMCALL", MARK), order)


def _before(span: ir.Span, marks: list[ir.Span], function: Function) -> Order:
    if any(_at(mark) < _at(span) for mark in marks):
        return Order.KEPT
    if marks:
        return Order.EARLY
    return Order.UNKNOWN if function.partial else Order.SKIPPED


def unflushed(function: Function) -> Iterator[LifeStep]:
    """Give the places of a function that clear or ask for the mark, and whether it flushes."""
    flushes = [each.span for each in function.calls if _flushes(each)]
    for node in ir.nodes(function.body):
        value = _written(node)
        if value is not None and spelled(value) in {"false", "0"}:
            done = any(_at(each) < _at(node.span) for each in flushes)
            yield _step(function, node.span, ("", KEXEC, FLUSH), _lacking(function, done=done))
        if isinstance(node, ir.If) and _asks(node.test):
            done = _flushed_where_set(node)
            yield _step(function, node.span, ("", KEXEC, FLUSH), _lacking(function, done=done))


def _lacking(function: Function, *, done: bool) -> Order:
    if done:
        return Order.KEPT
    return Order.UNKNOWN if function.partial else Order.SKIPPED


def _flushes(call: ir.Call) -> bool:
    caches = kernel_names().caches
    return call.name in caches.flushes_here or call.name in caches.flushes_all


def _asks(test: ir.Expr) -> bool:
    return any(isinstance(n, ir.Name) and is_incoherent(n.id) for n in ir.walk(test))


def _flushed_where_set(test: ir.If) -> bool:
    """Tell whether the side of a test where the mark is set does not just leave."""
    negated = isinstance(test.test, ir.Unary) and test.test.op == "!"
    side = test.other if negated else test.then
    return side is None or not _only_leaves(side)


def _only_leaves(side: ir.Stmt) -> bool:
    inner = side.body if isinstance(side, ir.Block) else (side,)
    return bool(inner) and isinstance(inner[0], ir.Return | ir.Goto | ir.Continue)


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
        order=order,
        needs=Needed.FLUSH,
        evidence=(("order", (function.step(span, said),)),),
    )


SAID = {
    Order.KEPT: "kexec will find no stale lines",
    Order.EARLY: "the mark comes too late, kexec can stop this CPU in between",
    Order.SKIPPED: "stale lines may be written over the next kernel's memory",
}


def _at(span: ir.Span) -> tuple[int, int]:
    return span.line, span.column
