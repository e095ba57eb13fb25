"""Statements of the grammar, one by one, as our own."""

from __future__ import annotations

from tdxreview.cfront import ir
from tdxreview.cfront.lowering import Lowering, Statement
from tdxreview.cfront.parse_node import ParseNode

CONFIGURED = "__config"
"""The test of an `if` that stands for a `#ifdef`."""


def _evaluate(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    inner = [each for each in node.named_children if each.type != "comment"]
    return tuple(ir.Evaluate(self.span(node), self.expression(each)) for each in inner)


def _declare(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    base = self.type_of(node)
    head = self.source(node).split("=")[0]
    static = head.lstrip().startswith("static")
    cleanup = head.partition("__free(")[2].partition(")")[0]
    declared = []
    for each in node.children_by_field_name("declarator"):
        stars, array, name, initial = _declarator(self, each)
        if not _is_prototype(each):
            self.variables.add(name)
        kind = base + " " + "*" * stars if stars else base
        span = self.span(each)
        declared.append(ir.Declare(span, kind, name, initial, array, static, cleanup))
    return tuple(declared)


def _is_prototype(node: ParseNode) -> bool:
    """Tell whether a declarator is a function's own: `int f(void);` within a body."""
    while node.type == "pointer_declarator" and node.named_children:
        node = node.named_children[-1]
    inner = node.child_by_field_name("declarator")
    return node.type == "function_declarator" and inner is not None and inner.type == "identifier"


def _declarator(self: Lowering, node: ParseNode | None) -> tuple[int, bool, str, ir.Expr | None]:
    stars, array, initial = 0, False, None
    while node is not None:
        if node.type == "identifier":
            return stars, array, self.source(node), initial
        if node.type == "init_declarator":
            initial = self.field(node, "value")
        stars += node.type == "pointer_declarator"
        array |= node.type == "array_declarator"
        inner = node.child_by_field_name("declarator")
        named = [each for each in node.named_children if each.type != "comment"]
        node = inner if inner is not None else (named[0] if named else None)
    return stars, array, "", initial


def _compound(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    return (self.block(node),)


def _if(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    other = node.child_by_field_name("alternative")
    if other is not None and other.type == "else_clause":
        inner = [each for each in other.named_children if each.type != "comment"]
        other = inner[0] if inner else None
    then = self.one(node.child_by_field_name("consequence"))
    lowered = self.one(other) if other is not None else None
    plain = self.source(node).startswith("if")
    span = self.span(node)
    test = self.field(node, "condition") if plain else ir.Name(span, CONFIGURED)
    return (ir.If(span, test, then, lowered),)


def _while(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    test = self.field(node, "condition")
    lowered = self.one(node.child_by_field_name("body"))
    word = self.source(node)[:80].partition("(")[0].strip()
    if word in {"while", "do", ""}:
        return (ir.While(self.span(node), test, lowered),)
    arguments = tuple(_flat(test))
    if "each" in word:
        return (ir.ForEach(self.span(node), word, arguments, lowered),)
    return (ir.Scoped(self.span(node), word, arguments, lowered),)


def _flat(test: ir.Expr) -> list[ir.Expr]:
    pieces: list[ir.Expr] = []
    while isinstance(test, ir.Binary) and test.op == ",":
        pieces.append(test.right)
        test = test.left
    return [test, *reversed(pieces)]


def _do(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    lowered = self.one(node.child_by_field_name("body"))
    return (ir.While(self.span(node), self.field(node, "condition"), lowered, after=True),)


def _for(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    first = node.child_by_field_name("initializer")
    test = node.child_by_field_name("condition")
    step = node.child_by_field_name("update")
    return (
        ir.For(
            self.span(node),
            self.statement(first) if first is not None else (),
            self.expression(test) if test is not None else None,
            self.expression(step) if step is not None else None,
            self.one(node.child_by_field_name("body")),
        ),
    )


def _switch(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    lowered = self.one(node.child_by_field_name("body"))
    return (ir.Switch(self.span(node), self.field(node, "condition"), lowered),)


def _case(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    value = node.child_by_field_name("value")
    first, last = _case_values(self, value) if value is not None else (None, None)
    end = value.end_byte if value is not None else node.start_byte + len("default")
    head = self.span(node)
    stop = self.position(end)
    label = ir.Case(ir.Span(head.line, head.column, *stop), first, last)
    rest = [each for each in node.named_children if value is None or each.id != value.id]
    return (label, *self.statements(rest))


def _case_values(self: Lowering, value: ParseNode) -> tuple[ir.Expr, ir.Expr | None]:
    left, right = value.child_by_field_name("left"), value.child_by_field_name("right")
    if left is not None and right is not None and "..." in self.source(value):
        return self.expression(left), self.expression(right)
    return self.expression(value), None


def _label(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    name = node.child_by_field_name("label")
    rest = [each for each in node.named_children if name is None or each.id != name.id]
    text = self.source(name) if name is not None else ""
    return (ir.Label(self.span(name or node), text), *self.statements(rest))


def _goto(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    name = node.child_by_field_name("label")
    return (ir.Goto(self.span(node), self.source(name) if name is not None else ""),)


def _return(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    inner = [each for each in node.named_children if each.type != "comment"]
    return (ir.Return(self.span(node), self.expression(inner[0]) if inner else None),)


def _break(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    return (ir.Break(self.span(node)),)


def _continue(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:
    return (ir.Continue(self.span(node)),)


def _nothing(self: Lowering, node: ParseNode) -> tuple[ir.Stmt, ...]:  # noqa: ARG001 - table's shape
    return ()


STATEMENTS: dict[str, Statement] = {
    "expression_statement": _evaluate,
    "declaration": _declare,
    "compound_statement": _compound,
    "if_statement": _if,
    "while_statement": _while,
    "do_statement": _do,
    "for_statement": _for,
    "switch_statement": _switch,
    "case_statement": _case,
    "labeled_statement": _label,
    "goto_statement": _goto,
    "return_statement": _return,
    "break_statement": _break,
    "continue_statement": _continue,
    "type_definition": _nothing,
    "struct_specifier": _nothing,
}
