"""Expressions of the grammar, one by one, as our own."""

from __future__ import annotations

from tdxreview.cfront import ir
from tdxreview.cfront.ctypes import ctype
from tdxreview.cfront.lowering import Expression, Lowering, other
from tdxreview.cfront.parse_node import ParseNode


def _name(self: Lowering, node: ParseNode) -> ir.Expr:
    return ir.Name(self.span(node), self.source(node))


def _number(self: Lowering, node: ParseNode) -> ir.Expr:
    return ir.Number(self.span(node), self.source(node))


def _string(self: Lowering, node: ParseNode) -> ir.Expr:
    pieces = [node] if node.type == "string_literal" else node.named_children
    texts = [self.source(each)[1:-1] for each in pieces if each.type == "string_literal"]
    return ir.String(self.span(node), "".join(texts))


def _parenthesized(self: Lowering, node: ParseNode) -> ir.Expr:
    inner = [each for each in node.named_children if each.type != "comment"]
    if len(inner) == 1 and inner[0].type == "compound_statement":
        return ir.StatementExpression(self.span(node), self.block(inner[0]))
    return self.expression(inner[0]) if len(inner) == 1 else other(self, node)


def _operator(node: ParseNode) -> str:
    found = node.child_by_field_name("operator")
    return found.type if found is not None else ""


def _unary(self: Lowering, node: ParseNode) -> ir.Expr:
    return ir.Unary(self.span(node), _operator(node), self.field(node, "argument"))


def _update(self: Lowering, node: ParseNode) -> ir.Expr:
    op = _operator(node)
    postfix = node.children[0].type != op
    return ir.Unary(self.span(node), "p" + op if postfix else op, self.field(node, "argument"))


def _type_in_parentheses(self: Lowering, node: ParseNode | None) -> str:
    """Give the type that the grammar took for a name: `(u32)-1` is no difference."""
    if node is None or node.type != "parenthesized_expression" or len(node.named_children) != 1:
        return ""
    text = self.source(node.named_children[0])
    return text if node.named_children[0].type == "identifier" and ctype(text) else ""


def _binary(self: Lowering, node: ParseNode) -> ir.Expr:
    op = _operator(node)
    kind = _type_in_parentheses(self, node.child_by_field_name("left"))
    if kind and op in {"-", "+", "*", "&"}:
        operand = ir.Unary(self.span(node), op, self.field(node, "right"))
        return ir.Cast(self.span(node), kind, operand)
    return ir.Binary(self.span(node), op, self.field(node, "left"), self.field(node, "right"))


def _comma(self: Lowering, node: ParseNode) -> ir.Expr:
    return ir.Binary(self.span(node), ",", self.field(node, "left"), self.field(node, "right"))


def _assign(self: Lowering, node: ParseNode) -> ir.Expr:
    op = _operator(node)
    return ir.Assign(self.span(node), op, self.field(node, "left"), self.field(node, "right"))


def _member(self: Lowering, node: ParseNode) -> ir.Expr:
    field = node.child_by_field_name("field")
    name = self.source(field) if field is not None else ""
    arrow = _operator(node) == "->"
    return ir.Member(self.span(node), self.field(node, "argument"), name, arrow)


def _index(self: Lowering, node: ParseNode) -> ir.Expr:
    return ir.Index(self.span(node), self.field(node, "argument"), self.field(node, "index"))


def _call(self: Lowering, node: ParseNode) -> ir.Expr:
    found = node.child_by_field_name("arguments")
    given = found.named_children if found is not None else []
    arguments = tuple(self.expression(each) for each in given if each.type != "comment")
    kind = _type_in_parentheses(self, node.child_by_field_name("function"))
    if kind and len(arguments) == 1:
        return ir.Cast(self.span(node), kind, arguments[0])
    return _called(self, self.span(node), self.field(node, "function"), arguments)


def _called(
    self: Lowering, span: ir.Span, function: ir.Expr, arguments: tuple[ir.Expr, ...]
) -> ir.Expr:
    """Give the call of what an expression comes to: `(*f)(x)`, `(0, f)(x)`, `(c ? f : g)(x)`.

    A variable that is called keeps a `*`, so that no function of its name is taken for it.
    """
    callee = _bare(function)
    if isinstance(callee, ir.Conditional) and callee.then is not None:
        then = _called(self, span, callee.then, arguments)
        return ir.Conditional(span, callee.test, then, _called(self, span, callee.other, arguments))
    if isinstance(callee, ir.Name):
        known = callee.id in self.variables
        function = ir.Unary(callee.span, "*", callee) if known else callee
    return ir.Call(span, function, arguments)


def _bare(function: ir.Expr) -> ir.Expr:
    """Give what a callee is without what changes nothing (C11 6.3.2.1p4: `***f` is `f`)."""
    while True:
        match function:
            case ir.Unary(op="*" | "&", operand=inner) | ir.Cast(operand=inner):
                function = inner
            case ir.Binary(op=",", left=ir.Name() | ir.Number(), right=inner):
                function = inner
            case ir.StatementExpression(body=ir.Block(body=(ir.Evaluate(value=inner),))):
                function = inner
            case _:
                return function


def _unevaluated(self: Lowering, node: ParseNode) -> ir.Expr:
    return ir.Other(self.span(node), self.source(node))


def _cast(self: Lowering, node: ParseNode) -> ir.Expr:
    return ir.Cast(self.span(node), self.type_of(node), self.field(node, "value"))


def _conditional(self: Lowering, node: ParseNode) -> ir.Expr:
    then = node.child_by_field_name("consequence")
    lowered = self.expression(then) if then is not None else None
    test, other = self.field(node, "condition"), self.field(node, "alternative")
    return ir.Conditional(self.span(node), test, lowered, other)


def _init_list(self: Lowering, node: ParseNode) -> ir.Expr:
    given = [each for each in node.named_children if each.type != "comment"]
    return ir.InitList(self.span(node), "", tuple(_item(self, each) for each in given))


def _item(self: Lowering, node: ParseNode) -> ir.Item:
    if node.type != "initializer_pair":
        return ir.Item(self.span(node), "", self.expression(node))
    designators = node.children_by_field_name("designator")
    name = "".join(self.source(each) for each in designators).lstrip(".")
    return ir.Item(self.span(node), name, self.field(node, "value"))


def _compound_literal(self: Lowering, node: ParseNode) -> ir.Expr:
    value = self.field(node, "value")
    items = value.items if isinstance(value, ir.InitList) else ()
    return ir.InitList(self.span(node), self.type_of(node), items)


def _statement_in_expression(self: Lowering, node: ParseNode) -> ir.Expr:
    return ir.StatementExpression(self.span(node), self.block(node))


EXPRESSIONS: dict[str, Expression] = {
    "identifier": _name,
    "field_identifier": _name,
    "type_identifier": _name,
    "number_literal": _number,
    "char_literal": _number,
    "true": _name,
    "false": _name,
    "null": _name,
    "string_literal": _string,
    "concatenated_string": _string,
    "parenthesized_expression": _parenthesized,
    "unary_expression": _unary,
    "pointer_expression": _unary,
    "update_expression": _update,
    "binary_expression": _binary,
    "comma_expression": _comma,
    "assignment_expression": _assign,
    "field_expression": _member,
    "subscript_expression": _index,
    "call_expression": _call,
    "cast_expression": _cast,
    "conditional_expression": _conditional,
    "initializer_list": _init_list,
    "compound_literal_expression": _compound_literal,
    "compound_statement": _statement_in_expression,
    "sizeof_expression": _unevaluated,
    "alignof_expression": _unevaluated,
}
