"""The per-CPU mark that caches hold lines of private memory, by which kexec knows to flush."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import spelled
from tdxreview.facts.life.schema import LifeStep, Needed, Order
from tdxreview.kernel.names import kernel_names
from tdxreview.program.callgraph import words
from tdxreview.program.program import Program
from tdxreview.program.unit import Function, Text

INCOHERENT = re.compile(r"\w*cache\w*_incoherent|\w*CACHE\w*_INCOHERENT")
"""Linux has `cache_state_incoherent` since 6.18, and tells machine_kexec() of it by a bit."""
WRITES = re.compile(r"_*(?:this_cpu|raw_cpu)_write|WRITE_ONCE")
FUNCTION_TYPE = re.compile(r"\bsc_func_t\b|\(\s*\*")
KEXEC = "the next kernel"
MARK = "the mark that this CPU's caches are incoherent"
FLUSH = "a flush of the caches that may be incoherent"


def is_mark(node: ir.Node) -> bool:
    """Tell whether a node notes that the caches are incoherent."""
    value = _written(node)
    return value is not None and spelled(value) in {"true", "1"}


def _written(node: ir.Node) -> ir.Expr | None:
    match node:
        case ir.Call(arguments=(ir.Name(id=flag), value, *_)) if WRITES.fullmatch(node.name):
            return value if INCOHERENT.fullmatch(flag) else None
        case ir.Assign(target=target, value=value) if INCOHERENT.search(spelled(target)):
            return value
        case _:
            return None


def is_marked(program: Program) -> bool:
    """Tell whether the code in view knows such a mark at all."""
    return any(_names_it(each.text) for each in program.functions)


@lru_cache(maxsize=16384)
def _names_it(text: Text) -> bool:
    return "incoherent" in text.quiet and any(map(INCOHERENT.fullmatch, words(text)))


def marking(program: Program) -> frozenset[str]:
    """Give the names that mean entering the module, if the code in view knows the mark."""
    raw = (each.name for each in program.abi.wrappers if each.raw)
    return frozenset((*raw, "sc_func_t")) if is_marked(program) else frozenset()


def unmarked(program: Program, function: Function) -> Iterator[LifeStep]:
    """Give the calls of a function that enter the module, and whether the mark is set before."""
    raw = {each.name for each in program.abi.wrappers if each.raw}
    handed = {each.name for each in function.parameters if FUNCTION_TYPE.search(each.type)}
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
    known = kernel_names().pages
    return call.name in known.flushes_here or call.name in known.flushes_all


def _asks(test: ir.Expr) -> bool:
    return any(isinstance(n, ir.Name) and INCOHERENT.fullmatch(n.id) for n in ir.walk(test))


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
