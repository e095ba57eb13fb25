"""Whether a function makes a noise about what a call gave back: a warning, or the end."""

from collections.abc import Callable, Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import names, spelled
from tdxreview.kernel.names import kernel_names
from tdxreview.program.unit import Function

Named = Callable[[str], Function | None]
"""What gives the function of a name, None if it is not in view."""


def loud(block: ir.Block, call: ir.Span, named: Named) -> bool:
    """Tell whether WARN, BUG or panic depends on the result of the call at a place.

    Also in a function that is given the result, and in what the result comes from.
    """
    results = set(_kept_in(block, call))
    if any(
        any(each.span == call for each in ir.calls(node)) or not names(node).isdisjoint(results)
        for node in _noises(block)
    ):
        return True
    return any(
        _loud_about(named(each.name), at)
        for each in ir.calls(block)
        for at, argument in enumerate(each.arguments)
        if not names(argument).isdisjoint(results) or _holds(argument, call)
    )


def _loud_about(function: Function | None, at: int) -> bool:
    """Tell whether a function is loud about one of its parameters."""
    if function is None or function.partial or at >= len(function.parameters):
        return False
    name = function.parameters[at].name
    return any(name in names(node) for node in _noises(function.body.block))


def _kept_in(block: ir.Block, call: ir.Span) -> Iterator[str]:
    """Give the variables that hold the result."""
    for node in ir.walk(block):
        if isinstance(node, ir.Declare) and node.initial and _holds(node.initial, call):
            yield node.name
        elif isinstance(node, ir.Assign) and _holds(node.value, call):
            yield spelled(node.target)


def _holds(node: ir.Expr, call: ir.Span) -> bool:
    return any(each.span == call for each in ir.calls(node))


def _noises(block: ir.Block) -> Iterator[ir.Node]:
    """Give what loud calls are given, and the conditions under which they stand."""
    for node in ir.walk(block):
        if isinstance(node, ir.Call) and node.name in kernel_names().calls.loud:
            yield node
        elif isinstance(node, ir.If) and any(map(_is_loud, _branches(node))):
            yield node.test


def _branches(node: ir.If) -> Iterator[ir.Stmt]:
    yield node.then
    if node.other is not None:
        yield node.other


def _is_loud(branch: ir.Stmt) -> bool:
    return any(call.name in kernel_names().calls.loud for call in ir.calls(branch))
