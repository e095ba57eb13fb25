"""Expressions in the order in which they are evaluated, and names for what they denote."""

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.dataflow.actions import Action, Cleanup, Mark, Test

Event = ir.Call | ir.Assign | ir.Declare | ir.Member | ir.Unary | ir.Name


def events(action: Action) -> Iterator[Event]:
    """Give what a point of a flow does, inner expressions first.

    Both sides of `?:`, `&&` and `||` count as done. The target of a plain assignment is not
    read; that of `|=` and the like is. A loop macro's body and a scope's are not part of it.
    """
    if isinstance(action, Mark | Cleanup | ir.Case):
        return
    if isinstance(action, Test | ir.Evaluate | ir.Switch):
        yield from _of(action.value)
    elif isinstance(action, ir.Return):
        if action.value is not None:
            yield from _of(action.value)
    elif isinstance(action, ir.Declare):
        yield from _declared(action)
    else:
        for argument in action.arguments:
            yield from _of(argument)


def _declared(node: ir.Declare) -> Iterator[Event]:
    if node.initial is not None:
        yield from _of(node.initial)
    yield node


def _of(node: ir.Node) -> Iterator[Event]:
    if isinstance(node, ir.Assign):
        yield from _assigned(node)
    elif isinstance(node, ir.Declare):
        yield from _declared(node)
    else:
        for child in ir.children(node):
            yield from _of(child)
        if isinstance(node, ir.Call | ir.Member | ir.Unary | ir.Name):
            yield node


def _assigned(node: ir.Assign) -> Iterator[Event]:
    yield from _of(node.value)
    if node.op == "=":
        for child in ir.children(node.target):
            yield from _of(child)
    else:
        yield from _of(node.target)
    yield node
