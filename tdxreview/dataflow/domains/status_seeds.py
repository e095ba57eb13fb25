"""Variables that are statuses by what a function does with them, or by their names."""

from __future__ import annotations

from tdxreview.cfront import ir
from tdxreview.kernel.statuses import STATUS_NAMES
from tdxreview.program.meaning import ConstantName, View


def suspects(body: ir.Body, view: View) -> frozenset[str]:
    """Return the variables that the function compares with a status' name, or prints as one."""
    known = {
        name
        for name, meaning in view
        if isinstance(meaning, ConstantName)
        and (meaning.mask or (meaning.status and meaning.status.value))
    }
    leaves = {name for name, meaning in view if isinstance(meaning, ConstantName) and meaning.leaf}
    constants = {name for name, meaning in view if isinstance(meaning, ConstantName)}
    found: set[str] = set()
    for node in ir.nodes(body):
        if isinstance(node, ir.Binary) and node.op in {"==", "!=", "&"}:
            names = _operands(node.left) | _operands(node.right)
            if names & known:
                found |= names - constants
        if isinstance(node, ir.Call) and not body.head:
            given = {each.id for each in node.arguments if isinstance(each, ir.Name)}
            found |= (given & STATUS_NAMES) if given & leaves else set()
        if isinstance(node, ir.Switch):
            labels = [each.value for each in ir.walk(node.body) if isinstance(each, ir.Case)]
            if any(isinstance(label, ir.Name) and label.id in known for label in labels):
                found |= _operands(node.value) - constants
    return frozenset(found)


def _operands(node: ir.Expr | None) -> set[str]:
    """Return the names that an expression of casts, masks and alternatives is made of."""
    match node:
        case ir.Name():
            return {node.id}
        case ir.Cast():
            return _operands(node.operand)
        case ir.Binary(op="&" | "|"):
            return _operands(node.left) | _operands(node.right)
        case _:
            return set()
