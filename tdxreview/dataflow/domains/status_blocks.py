"""Statements inside expressions: what macros and `({ … })` do."""

from __future__ import annotations

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import ctype
from tdxreview.dataflow.domains.status_stores import Stores
from tdxreview.dataflow.domains.status_uses import Happening
from tdxreview.dataflow.domains.status_value import UNKNOWN, Value
from tdxreview.dataflow.state import State
from tdxreview.program.macro_expansion import expanded
from tdxreview.program.meaning import MacroName

DEEPEST_EXPANSION = 6


class Blocks(Stores):
    """The part that runs statements in order; their branches are not told apart."""

    def _macro(
        self, macro: MacroName, given: tuple[ir.Expr, ...], span: ir.Span, state: State
    ) -> Value:
        if self.depth >= DEEPEST_EXPANSION:
            return UNKNOWN
        self.depth += 1
        try:
            return self._statements(expanded(macro, given, span), state)
        finally:
            self.depth -= 1

    def _statements(self, body: ir.Block, state: State) -> Value:
        """Run the statements of an expression in order; their branches are not told apart."""
        result: Value = UNKNOWN
        for node in body.body:
            result = self.inline(node, state)
        return result

    def inline(self, node: ir.Stmt, state: State) -> Value:
        """Run a statement inside an expression."""
        if isinstance(node, ir.Evaluate):
            return self.value(node.value, state)
        if isinstance(node, ir.Declare):
            self._own(node)
            self.declare(node, state)
            return UNKNOWN
        for child in ir.children(node):
            if isinstance(child, ir.Block):
                self._statements(child, state)
            elif isinstance(child, ir.STATEMENTS):
                self.inline(child, state)
            elif isinstance(child, ir.EXPRESSIONS):
                self._asked(child, state)
        return UNKNOWN

    def _own(self, node: ir.Declare) -> None:
        """Make a variable that a statement expression declares one of the function's."""
        if node.name not in self.types:
            self.types[node.name] = None if node.array else ctype(node.type)
            self.local |= {node.name}

    def _asked(self, node: ir.Expr, state: State) -> None:
        value = self.value(node, state)
        self.used(state, value, node.span, Happening.TESTED)
        self.tested(node, value, state)
