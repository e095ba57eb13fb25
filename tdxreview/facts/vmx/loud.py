"""Whether a function makes a noise about what a call gave back: a warning, or the end."""

import re
from collections.abc import Iterator

from tdxreview.facts import ir
from tdxreview.facts.vmx.spelling import names, spelled

LOUD = re.compile(r"(?:KVM_|VM_|TDX_)?(?:WARN|BUG)\w*|panic|nmi_panic|die")


def loud(block: ir.Block, call: ir.Span) -> bool:
    """Tell whether WARN, BUG or panic depends on the result of the call at a place."""
    results = set(_kept_in(block, call))
    return any(
        any(each.span == call for each in ir.calls(node)) or not names(node).isdisjoint(results)
        for node in _noises(block)
    )


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
        if isinstance(node, ir.Call) and LOUD.fullmatch(node.name):
            yield node
        elif isinstance(node, ir.If) and any(map(_is_loud, _branches(node))):
            yield node.test


def _branches(node: ir.If) -> Iterator[ir.Stmt]:
    yield node.then
    if node.other is not None:
        yield node.other


def _is_loud(branch: ir.Stmt) -> bool:
    return any(LOUD.fullmatch(call.name) for call in ir.calls(branch))
