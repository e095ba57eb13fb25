"""What the condition of a loop asks of a status, and with which the loop goes round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, names, path_of, root_of
from tdxreview.dataflow.assume import is_zero
from tdxreview.dataflow.cfg import Loop
from tdxreview.dataflow.domains.status_uses import Event, Happening, Origin
from tdxreview.kernel.names import kernel_names
from tdxreview.kernel.statuses import Universe
from tdxreview.kernel.tdx import Returns
from tdxreview.program.symbols import Symbols

ASKING = frozenset({Happening.COMPARED, Happening.BITS, Happening.SIGN})
STEPS = frozenset({"++", "--", "p++", "p--"})


def compared_by(test: ir.Expr | None, events: Iterable[Event]) -> tuple[Event, ...]:
    """Return how the condition of a loop compares a status, if it does nothing else with it.

    A loop further out goes round for the next page or CPU, and is no retry of this one's.
    """
    if test is None or any(isinstance(n, ir.Unary) and n.op == "!" for n in ir.walk(test)):
        return ()
    asked = tuple(e for e in events if e.what in ASKING and covers(test.span, e.span))
    plain = all(each.what is Happening.COMPARED for each in asked)
    spans = [each.span for each in asked]
    return asked if plain and all(any(map(spans.count, _spans(n))) for n in _ors(test)) else ()


def going_round(asked: Iterable[Event], universe: Universe) -> int:
    """Return the statuses with which a loop goes round again."""
    found = 0
    for event in asked:
        found |= event.true_for if event.target == "==" else universe.full & ~event.true_for
    return found


def _ors(test: ir.Expr) -> Iterator[ir.Expr]:
    """Yield the sides of every `||` in a test."""
    for node in ir.walk(test):
        if isinstance(node, ir.Binary) and node.op == "||":
            yield from (node.left, node.right)


def _spans(node: ir.Expr) -> list[ir.Span]:
    return [each.span for each in ir.walk(node)]


def covers(outer: ir.Span, inner: ir.Span) -> bool:
    """Tell whether a place is within another."""
    start = (outer.line, outer.column) <= (inner.line, inner.column)
    return start and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def is_worked_on(loop: Loop, origin: Origin, symbols: Symbols, path: str) -> bool:
    """Tell whether a loop hands a status to a function that may mend what it tells of.

    One out of view, or one that makes calls itself; what only makes an errno of it does not.
    """
    span = origin.span
    if origin.returns is not Returns.STATUS:
        return False
    for call in (node for node in ir.walk(loop.node) if isinstance(node, ir.Call)):
        if call.span != span and _is_given(call, span, _holding(loop, span)):
            found = symbols.function(call.name, path)
            if found.calls if found else call.name not in kernel_names().calls.prints:
                return True
    return False


def _holding(loop: Loop, span: ir.Span) -> set[str]:
    """Return the variables of a loop that a call is assigned to."""
    stores = (node for node in ir.walk(loop.node) if isinstance(node, ir.Assign))
    return {path_of(each.target) for each in stores if covers(each.span, span)} - {""}


def _is_given(call: ir.Call, span: ir.Span, holding: set[str]) -> bool:
    return any(covers(each.span, span) or path_of(each) in holding for each in call.arguments)


def about_another(loop: ir.While | ir.For | ir.ForEach, call: ir.Call) -> bool:
    """Tell whether each round of a loop calls for another object: the next page, vCPU or CPU."""
    moving = _moving(loop)
    return any(not moving.isdisjoint(names(each)) for each in call.arguments)


def _moving(loop: ir.While | ir.For | ir.ForEach) -> set[str]:
    """Give what a loop steps from round to round, and what is taken by it."""
    if isinstance(loop, ir.While):
        return set()
    head = loop.arguments[:1] if isinstance(loop, ir.ForEach) else (loop.step,)
    found = {name for each in head if each is not None for name in names(each)}
    for node in ir.walk(loop.body):
        match node:
            case ir.Declare(name=name, initial=value) if value is not None:
                found |= {name} if found & names(value) else set()
            case ir.Assign(target=target, value=value):
                root = root_of(target)
                found |= {root} if root and found & names(value) else set()
    return found


def moves_on(node: ir.Node, changed: set[str]) -> bool:
    """Tell whether an operand of a loop's condition changes by itself or is changed in it."""
    match node:
        case ir.Unary():
            return node.op in STEPS
        case ir.Name():
            return node.id in changed or node.id in kernel_names().calls.tells_time
        case ir.Member():
            return path_of(node) in changed
        case ir.Call():
            calls = kernel_names().calls
            return node.name in calls.tells_time or node.name in calls.waits_out
        case _:
            return False


def renewed(repeated: Sequence[ir.Node], call: ir.Call | None) -> bool:
    """Tell whether what is repeated puts more than 0 into an argument, or a member behind it."""
    nodes = [node for each in repeated for node in ir.walk(each)]
    changed = {
        path_of(node.target)
        for node in nodes
        if isinstance(node, ir.Assign) and (node.op != "=" or not _is_nothing(node.value))
    }
    changed |= {
        node.name
        for node in nodes
        if isinstance(node, ir.Declare) and node.initial and not _is_nothing(node.initial)
    }
    changed |= {
        path_of(node.operand) for node in nodes if isinstance(node, ir.Unary) and node.op in STEPS
    }
    used = {
        path_of(n)
        for a in (call.arguments if call else ())
        for n in ir.walk(a)
        if isinstance(n, ir.EXPRESSIONS)
    }
    used.discard("")
    return any(
        name == path or name.startswith((path + ".", path + "->"))
        for name in changed
        for path in used
    )


def _is_nothing(node: ir.Expr) -> bool:
    """Tell whether a value is 0, or a struct of nothing else."""
    node = bare(node)
    if isinstance(node, ir.InitList):
        return all(_is_nothing(item.value) for item in node.items)
    return is_zero(node) or (isinstance(node, ir.Name) and node.id == "false")
