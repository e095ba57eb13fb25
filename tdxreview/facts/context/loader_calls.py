"""Whether a call asks the P-SEAMLDR by its number: bit 63 of a leaf that has no name here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, is_place, spelled
from tdxreview.cfront.fold import evaluate
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.engine import Walk
from tdxreview.dataflow.environment import Environment
from tdxreview.program.program import Program
from tdxreview.program.symbols import Symbols
from tdxreview.program.unit import Function

LOADER_BIT = 63
"""Set in RAX it asks the P-SEAMLDR (Intel SEAM Loader (SEAMLDR) Interface Specification)."""
Number = Callable[[ir.Expr], int | None]


def asks_the_loader(program: Program, function: Function, call: ir.Call, at: int) -> bool:
    """Tell whether a call's leaf, its argument `at`, has bit 63 for sure on some path to it."""
    if at >= len(call.arguments):
        return False
    leaf = bare(call.arguments[at])
    number = _numbers(program, function.path)
    if _has_bit(leaf, number):
        return True
    if not is_place(leaf):
        return False
    asking = _Asking(spelled(leaf), number, program.symbols, function.path)
    texts = frozenset(asking.texts(function.body))
    if not texts:
        return False
    walk = _Told(flow(function.body), call.span, texts)
    return walk.followed(Environment(), walk.allowance) and walk.told


def _numbers(program: Program, path: str) -> Number:
    def number(node: ir.Expr) -> int | None:
        value = evaluate(node, lambda name: program.constant(name, path))
        return None if value is None else value.as_u64

    return number


def _has_bit(node: ir.Expr, number: Number) -> bool:
    value = number(node)
    if value is not None:
        return bool(value >> LOADER_BIT)
    return (
        isinstance(node, ir.Binary)
        and node.op in {"|", "+"}
        and any(_has_bit(bare(side), number) for side in (node.left, node.right))
    )


@dataclass(frozen=True)
class _Asking:
    """The conditions that are true only of a leaf with the bit."""

    leaf: str
    number: Number
    symbols: Symbols
    path: str

    def texts(self, body: ir.Body) -> Iterator[str]:
        """Give their texts in a function, and the variables that hold one."""
        for node in ir.nodes(body):
            if isinstance(node, ir.Declare) and node.initial is not None:
                if self.is_asked(node.initial):
                    yield node.name
            elif isinstance(node, ir.Assign) and self.is_asked(node.value):
                yield spelled(node.target)
            elif isinstance(node, ir.Binary | ir.Call) and self.is_asked(node):
                yield spelled(node)

    def is_asked(self, node: ir.Expr) -> bool:
        """Tell whether an expression asks for the bit."""
        node = _without_not_not(bare(node))
        if isinstance(node, ir.Call) and len(node.arguments) == 1:
            return spelled(bare(node.arguments[0])) == self.leaf and self._predicate(node.name)
        if not isinstance(node, ir.Binary) or spelled(bare(node.left)) != self.leaf:
            return False
        value = self.number(node.right)
        if node.op == ">>":
            return value == LOADER_BIT
        return node.op == "&" and value == 1 << LOADER_BIT

    def _predicate(self, name: str) -> bool:
        found = self.symbols.function(name, self.path)
        body = found.body.block.body if found is not None and found.parameters else ()
        if found is None or len(body) != 1 or not isinstance(body[0], ir.Return):
            return False
        inner = _Asking(found.parameters[0].name, self.number, self.symbols, found.path)
        value = body[0].value
        return value is not None and not isinstance(value, ir.Call) and inner.is_asked(value)


def _without_not_not(node: ir.Expr) -> ir.Expr:
    while isinstance(node, ir.Unary) and node.op == "!" and isinstance(node.operand, ir.Unary):
        if node.operand.op != "!":
            break
        node = bare(node.operand.operand)
    return node


@dataclass(eq=False, repr=False)
class _Told(Walk[Environment]):
    """Whether a path comes to a call on which one of some conditions is known to be true."""

    call: ir.Span
    texts: frozenset[str]
    told: bool = field(default=False)

    def reached(self, node: ir.Call, state: Environment) -> Environment:
        """Note the call."""
        if node.span == self.call:
            self.told |= any(state.value(text).decided is True for text in self.texts)
        return state
