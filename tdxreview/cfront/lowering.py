"""One function's way from the parser's nodes to ours: places, depth, and what is damaged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from tdxreview.cfront import ir
from tdxreview.cfront.parse_node import ParseNode

DEEPEST = 150
"""Code nested deeper is not lowered: hostile input must not exhaust the stack."""
Expression: TypeAlias = Callable[["Lowering", ParseNode], ir.Expr]
Statement: TypeAlias = Callable[["Lowering", ParseNode], tuple[ir.Stmt, ...]]


class Tables(Struct, frozen=True):
    """What lowers each kind of node, by the grammar's names."""

    expressions: Mapping[str, Expression]
    statements: Mapping[str, Statement]


class Lowering:
    """One function's way from the parser's nodes to ours."""

    def __init__(
        self, text: str, shift: int, tables: Tables, variables: tuple[str, ...] = ()
    ) -> None:
        self.text = text
        self.shift = shift
        self.tables = tables
        self.variables = set(variables)
        self.lines = [0, *(at + 1 for at, each in enumerate(text) if each == "\n")]
        self.depth = 0
        self.too_deep = 0

    def span(self, node: ParseNode) -> ir.Span:
        """Give the place of a node, relative to the function."""
        line, column = self.position(node.start_byte)
        return ir.Span(line, column, *self.position(node.end_byte))

    def position(self, offset: int) -> tuple[int, int]:
        """Give the line and column of an offset in the parsed text."""
        at = min(max(offset + self.shift, 0), len(self.text))
        line = bisect_right(self.lines, at) - 1
        return line, at - self.lines[line]

    def source(self, node: ParseNode) -> str:
        """Give a node's text as it stands in the file."""
        return self.text[max(0, node.start_byte + self.shift) : max(0, node.end_byte + self.shift)]

    def damaged(self, root: ParseNode) -> int:
        """Count the places that make no sense or are nested too deep, once all is lowered."""
        count = self.too_deep
        todo = [root] if root.has_error else []
        while todo:
            node = todo.pop()
            count += node.is_error or node.is_missing
            todo += [child for child in node.children if child.has_error or child.is_missing]
        return count

    def block(self, node: ParseNode) -> ir.Block:
        """Lower a block."""
        return ir.Block(self.span(node), self.statements(node.named_children))

    def statements(self, nodes: Sequence[ParseNode]) -> tuple[ir.Stmt, ...]:
        """Lower statements in a row."""
        lowered: list[ir.Stmt] = []
        for node in nodes:
            lowered += self.statement(node)
        return tuple(lowered)

    def statement(self, node: ParseNode) -> tuple[ir.Stmt, ...]:
        """Lower a statement; a declaration gives one for each variable."""
        self.depth += 1
        try:
            lower = self.tables.statements.get(node.type)
            if lower and self.depth <= DEEPEST:
                return lower(self, node)
            if node.type == "comment":
                return ()
            return (ir.Evaluate(self.span(node), self.expression(node)),)
        finally:
            self.depth -= 1

    def one(self, node: ParseNode | None) -> ir.Stmt:
        """Lower a statement to exactly one."""
        if node is None:
            return ir.Block(ir.Span(0, 0, 0, 0), ())
        found = self.statement(node)
        return found[0] if len(found) == 1 else ir.Block(self.span(node), found)

    def expression(self, node: ParseNode | None) -> ir.Expr:
        """Lower an expression."""
        if node is None:
            return ir.Other(ir.Span(0, 0, 0, 0), "")
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                self.too_deep += 1
                return ir.Other(self.span(node), "")
            return self.tables.expressions.get(node.type, other)(self, node)
        finally:
            self.depth -= 1

    def field(self, node: ParseNode, name: str) -> ir.Expr:
        """Lower the expression in a node's field."""
        return self.expression(node.child_by_field_name(name))

    def type_of(self, node: ParseNode) -> str:
        """Give the text of a node's type, empty if it has none."""
        found = node.child_by_field_name("type")
        return " ".join(self.source(found).split()) if found is not None else ""


def other(self: Lowering, node: ParseNode) -> ir.Expr:
    """Keep what has no node of ours: its text, and the expressions in it."""
    parts = tuple(self.expression(each) for each in node.named_children if each.type != "comment")
    return ir.Other(self.span(node), self.source(node), parts)
