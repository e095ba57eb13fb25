"""Scopes that run something at their end: which are open at a statement, and left by a jump."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.kernel.names import kernel_names

"""Macros of `include/linux/cleanup.h` that open a scope where they stand."""
Scopes = tuple[ir.Stmt, ...]
"""The statements that opened the scopes around a place, the outermost first."""


def guard_of(statement: ir.Stmt) -> bool:
    """Tell whether a statement has something to run at the end of its scope."""
    if isinstance(statement, ir.Declare):
        return bool(statement.cleanup) or statement.type in kernel_names().locks.class_macros
    return (
        isinstance(statement, ir.Evaluate)
        and isinstance(statement.value, ir.Call)
        and isinstance(statement.value.function, ir.Call)
        and _opens(statement.value.function.name)
    )


def labels(node: ir.Node, around: Scopes = ()) -> Iterator[tuple[str, Scopes]]:
    """Give the labels in a node, each with the scopes that are open there."""
    if isinstance(node, ir.Label):
        yield node.name, around
    if isinstance(node, ir.Scoped):
        around = (*around, node)
    for child in ir.children(node):
        yield from labels(child, around)
        if isinstance(child, ir.Evaluate | ir.Declare) and guard_of(child):
            around = (*around, child)


def left_by_jump(here: Scopes, there: Scopes) -> Scopes:
    """Give the scopes that a jump leaves, from a place with some open to one with others."""
    common = 0
    for own, other in zip(here, there, strict=False):
        if own != other:
            break
        common += 1
    return here[common:]


def _opens(name: str) -> bool:
    locks = kernel_names().locks
    return name in locks.guard_macros or name in locks.class_macros
