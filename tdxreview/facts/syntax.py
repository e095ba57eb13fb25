"""C text in, our own nodes out: the one module that knows tree-sitter."""

from bisect import bisect_right
from collections.abc import Callable
from functools import cache, lru_cache

import tree_sitter_c
from tree_sitter import Language, Node, Parser

from tdxreview.facts import ir
from tdxreview.facts.ctypes import ctype
from tdxreview.facts.dialect import masked
from tdxreview.facts.mend import mended

HEADER = "void f()"
CONFIGURED = "__config"
DEEPEST = 150
"""Code nested deeper is not lowered: hostile input must not exhaust the stack."""


@lru_cache(maxsize=4096)
def body(text: str, quiet: str, at: int, *, head: bool, tail: bool) -> ir.Body:
    """Lower a function's body, which begins at offset `at` of the function's text.

    `quiet` is the masked text. A body that is cut off at its head or tail is mended first.
    Never raises: what cannot be understood becomes `ir.Other`.
    """
    if head and tail:
        prefix, piece, suffix = "", quiet[at:], ""
    elif head:
        mend = mended(quiet[at + 1 :])
        prefix, piece, suffix = "", "{" + mend.text, mend.suffix
    else:
        mend = mended(quiet[at:])
        prefix, piece, suffix = mend.prefix, mend.text, mend.suffix
    source = (HEADER + prefix + piece + suffix).encode("ascii", "replace")
    lowering = _Lowering(text, at - len(HEADER) - len(prefix))
    root = _parser().parse(source).root_node
    block = lowering.block(_first_block(root))
    return ir.Body(block, head=head, tail=tail, damaged=lowering.damaged(root))


@lru_cache(maxsize=4096)
def macro_body(text: str, at: int) -> ir.Body:
    """Lower what a `#define` stands for, which begins at offset `at` of its text."""
    flat = text[at:].replace("\\\n", " \n").replace("##", "__").replace("#", " ")
    quiet = masked(" " + flat)[1:].rstrip()
    source = f"{HEADER}{{{quiet};}}".encode("ascii", "replace")
    lowering = _Lowering(text, at - len(HEADER) - 1)
    root = _parser().parse(source).root_node
    return ir.Body(lowering.block(_first_block(root)), damaged=lowering.damaged(root))


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_c.language()))


def _first_block(root: Node) -> Node:
    for child in root.named_children:
        found = child.child_by_field_name("body")
        if found is not None and found.type == "compound_statement":
            return found
    return root


class _Lowering:
    """One function's way from the parser's nodes to ours."""

    def __init__(self, text: str, shift: int) -> None:
        self.text = text
        self.shift = shift
        self.lines = [0, *(at + 1 for at, each in enumerate(text) if each == "\n")]
        self.depth = 0

    def span(self, node: Node) -> ir.Span:
        line, column = self._position(node.start_byte)
        return ir.Span(line, column, *self._position(node.end_byte))

    def _position(self, offset: int) -> tuple[int, int]:
        at = min(max(offset + self.shift, 0), len(self.text))
        line = bisect_right(self.lines, at) - 1
        return line, at - self.lines[line]

    def source(self, node: Node) -> str:
        return self.text[max(0, node.start_byte + self.shift) : max(0, node.end_byte + self.shift)]

    def damaged(self, root: Node) -> int:
        if not root.has_error:
            return 0
        count, todo = 0, [root]
        while todo:
            node = todo.pop()
            count += node.is_error or node.is_missing
            todo += [child for child in node.children if child.has_error or child.is_missing]
        return count

    def block(self, node: Node) -> ir.Block:
        return ir.Block(self.span(node), self.statements(node.named_children))

    def statements(self, nodes: list[Node]) -> tuple[ir.Stmt, ...]:
        lowered: list[ir.Stmt] = []
        for node in nodes:
            lowered += self.statement(node)
        return tuple(lowered)

    def statement(self, node: Node) -> tuple[ir.Stmt, ...]:
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                return (ir.Evaluate(self.span(node), ir.Other(self.span(node), "")),)
            lower = STATEMENTS.get(node.type)
            if lower:
                return lower(self, node)
            if node.type == "comment":
                return ()
            return (ir.Evaluate(self.span(node), self.expression(node)),)
        finally:
            self.depth -= 1

    def one(self, node: Node | None) -> ir.Stmt:
        if node is None:
            return ir.Block(ir.Span(0, 0, 0, 0), ())
        found = self.statement(node)
        return found[0] if len(found) == 1 else ir.Block(self.span(node), found)

    def expression(self, node: Node | None) -> ir.Expr:
        if node is None:
            return ir.Other(ir.Span(0, 0, 0, 0), "")
        self.depth += 1
        try:
            lower = EXPRESSIONS.get(node.type, _other) if self.depth <= DEEPEST else _opaque
            return lower(self, node)
        finally:
            self.depth -= 1

    def field(self, node: Node, name: str) -> ir.Expr:
        return self.expression(node.child_by_field_name(name))


def _opaque(self: _Lowering, node: Node) -> ir.Expr:
    return ir.Other(self.span(node), "")


def _other(self: _Lowering, node: Node) -> ir.Expr:
    parts = tuple(self.expression(each) for each in node.named_children if each.type != "comment")
    return ir.Other(self.span(node), self.source(node), parts)


def _name(self: _Lowering, node: Node) -> ir.Expr:
    return ir.Name(self.span(node), self.source(node))


def _number(self: _Lowering, node: Node) -> ir.Expr:
    return ir.Number(self.span(node), self.source(node))


def _string(self: _Lowering, node: Node) -> ir.Expr:
    pieces = [node] if node.type == "string_literal" else node.named_children
    texts = [self.source(each)[1:-1] for each in pieces if each.type == "string_literal"]
    return ir.String(self.span(node), "".join(texts))


def _parenthesized(self: _Lowering, node: Node) -> ir.Expr:
    inner = [each for each in node.named_children if each.type != "comment"]
    if len(inner) == 1 and inner[0].type == "compound_statement":
        return ir.StatementExpression(self.span(node), self.block(inner[0]))
    return self.expression(inner[0]) if len(inner) == 1 else _other(self, node)


def _operator(node: Node) -> str:
    found = node.child_by_field_name("operator")
    return found.type if found is not None else ""


def _unary(self: _Lowering, node: Node) -> ir.Expr:
    return ir.Unary(self.span(node), _operator(node), self.field(node, "argument"))


def _update(self: _Lowering, node: Node) -> ir.Expr:
    op = _operator(node)
    postfix = node.children[0].type != op
    return ir.Unary(self.span(node), "p" + op if postfix else op, self.field(node, "argument"))


def _type_in_parentheses(self: _Lowering, node: Node | None) -> str:
    """Give the type that the grammar took for a name: `(u32)-1` is no difference."""
    if node is None or node.type != "parenthesized_expression" or len(node.named_children) != 1:
        return ""
    text = self.source(node.named_children[0])
    return text if node.named_children[0].type == "identifier" and ctype(text) else ""


def _binary(self: _Lowering, node: Node) -> ir.Expr:
    op = _operator(node)
    kind = _type_in_parentheses(self, node.child_by_field_name("left"))
    if kind and op in {"-", "+", "*", "&"}:
        operand = ir.Unary(self.span(node), op, self.field(node, "right"))
        return ir.Cast(self.span(node), kind, operand)
    return ir.Binary(self.span(node), op, self.field(node, "left"), self.field(node, "right"))


def _comma(self: _Lowering, node: Node) -> ir.Expr:
    return ir.Binary(self.span(node), ",", self.field(node, "left"), self.field(node, "right"))


def _assign(self: _Lowering, node: Node) -> ir.Expr:
    op = _operator(node)
    return ir.Assign(self.span(node), op, self.field(node, "left"), self.field(node, "right"))


def _member(self: _Lowering, node: Node) -> ir.Expr:
    field = node.child_by_field_name("field")
    name = self.source(field) if field is not None else ""
    arrow = _operator(node) == "->"
    return ir.Member(self.span(node), self.field(node, "argument"), name, arrow)


def _index(self: _Lowering, node: Node) -> ir.Expr:
    return ir.Index(self.span(node), self.field(node, "argument"), self.field(node, "index"))


def _call(self: _Lowering, node: Node) -> ir.Expr:
    found = node.child_by_field_name("arguments")
    given = found.named_children if found is not None else []
    arguments = tuple(self.expression(each) for each in given if each.type != "comment")
    kind = _type_in_parentheses(self, node.child_by_field_name("function"))
    if kind and len(arguments) == 1:
        return ir.Cast(self.span(node), kind, arguments[0])
    return ir.Call(self.span(node), self.field(node, "function"), arguments)


def _type_of(self: _Lowering, node: Node) -> str:
    found = node.child_by_field_name("type")
    return " ".join(self.source(found).split()) if found is not None else ""


def _cast(self: _Lowering, node: Node) -> ir.Expr:
    return ir.Cast(self.span(node), _type_of(self, node), self.field(node, "value"))


def _conditional(self: _Lowering, node: Node) -> ir.Expr:
    then = node.child_by_field_name("consequence")
    lowered = self.expression(then) if then is not None else None
    test, other = self.field(node, "condition"), self.field(node, "alternative")
    return ir.Conditional(self.span(node), test, lowered, other)


def _init_list(self: _Lowering, node: Node) -> ir.Expr:
    given = [each for each in node.named_children if each.type != "comment"]
    return ir.InitList(self.span(node), "", tuple(_item(self, each) for each in given))


def _item(self: _Lowering, node: Node) -> ir.Item:
    if node.type != "initializer_pair":
        return ir.Item(self.span(node), "", self.expression(node))
    designators = node.children_by_field_name("designator")
    name = "".join(self.source(each) for each in designators).lstrip(".")
    return ir.Item(self.span(node), name, self.field(node, "value"))


def _compound_literal(self: _Lowering, node: Node) -> ir.Expr:
    value = self.field(node, "value")
    items = value.items if isinstance(value, ir.InitList) else ()
    return ir.InitList(self.span(node), _type_of(self, node), items)


def _statement_in_expression(self: _Lowering, node: Node) -> ir.Expr:
    return ir.StatementExpression(self.span(node), self.block(node))


EXPRESSIONS: dict[str, Callable[[_Lowering, Node], ir.Expr]] = {
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
}


def _evaluate(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    inner = [each for each in node.named_children if each.type != "comment"]
    return tuple(ir.Evaluate(self.span(node), self.expression(each)) for each in inner)


def _declare(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    base = _type_of(self, node)
    head = self.source(node).split("=")[0]
    static = head.lstrip().startswith("static")
    cleanup = head.partition("__free(")[2].partition(")")[0]
    declared = []
    for each in node.children_by_field_name("declarator"):
        stars, array, name, initial = _declarator(self, each)
        kind = base + " " + "*" * stars if stars else base
        span = self.span(each)
        declared.append(ir.Declare(span, kind, name, initial, array, static, cleanup))
    return tuple(declared)


def _declarator(self: _Lowering, node: Node | None) -> tuple[int, bool, str, ir.Expr | None]:
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


def _compound(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    return (self.block(node),)


def _if(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
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


def _while(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
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


def _do(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    lowered = self.one(node.child_by_field_name("body"))
    return (ir.While(self.span(node), self.field(node, "condition"), lowered, after=True),)


def _for(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
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


def _switch(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    lowered = self.one(node.child_by_field_name("body"))
    return (ir.Switch(self.span(node), self.field(node, "condition"), lowered),)


def _case(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    value = node.child_by_field_name("value")
    first, last = _case_values(self, value) if value is not None else (None, None)
    end = value.end_byte if value is not None else node.start_byte + len("default")
    head = self.span(node)
    stop = self._position(end)
    label = ir.Case(ir.Span(head.line, head.column, *stop), first, last)
    rest = [each for each in node.named_children if value is None or each.id != value.id]
    return (label, *self.statements(rest))


def _case_values(self: _Lowering, value: Node) -> tuple[ir.Expr, ir.Expr | None]:
    left, right = value.child_by_field_name("left"), value.child_by_field_name("right")
    if left is not None and right is not None and "..." in self.source(value):
        return self.expression(left), self.expression(right)
    return self.expression(value), None


def _label(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    name = node.child_by_field_name("label")
    rest = [each for each in node.named_children if name is None or each.id != name.id]
    text = self.source(name) if name is not None else ""
    return (ir.Label(self.span(name or node), text), *self.statements(rest))


def _goto(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    name = node.child_by_field_name("label")
    return (ir.Goto(self.span(node), self.source(name) if name is not None else ""),)


def _return(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    inner = [each for each in node.named_children if each.type != "comment"]
    return (ir.Return(self.span(node), self.expression(inner[0]) if inner else None),)


def _break(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    return (ir.Break(self.span(node)),)


def _continue(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:
    return (ir.Continue(self.span(node)),)


def _nothing(self: _Lowering, node: Node) -> tuple[ir.Stmt, ...]:  # noqa: ARG001 - table's shape
    return ()


STATEMENTS: dict[str, Callable[[_Lowering, Node], tuple[ir.Stmt, ...]]] = {
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
