"""What an expression denotes, as text: access paths, names of objects, canonical spellings.

`spelled` tells `*p` from `p` and keeps indices, for what is known on a path. `path_of` is the
lvalue of a status. `denoted` names an object however it is reached, for locks and structs.
`plain_name` is an identifier that is handed over. No other module spells an expression.
"""

from tdxreview.cfront import ir


def spelled(node: ir.Expr) -> str:  # noqa: PLR0911 - a table of node kinds
    """Give the text of an expression without white space and casts; empty if it has none."""
    match node:
        case ir.Name(id=name):
            return name
        case ir.Number(text=text):
            return text
        case ir.Member(base=base, field=field, arrow=arrow):
            return f"{spelled(base)}{'->' if arrow else '.'}{field}"
        case ir.Index(base=base, index=index):
            return f"{spelled(base)}[{spelled(index)}]"
        case ir.Unary(op=op, operand=operand):
            return f"{op}{spelled(operand)}"
        case ir.Binary(op=op, left=left, right=right):
            return f"({spelled(left)}{op}{spelled(right)})"
        case ir.Call(function=function, arguments=arguments):
            return f"{spelled(function)}({','.join(map(spelled, arguments))})"
        case ir.Cast(operand=operand):
            return spelled(operand)
        case ir.String(text=text):
            return f'"{text}"'
        case _:
            return ""


def is_place(node: ir.Expr) -> bool:
    """Tell whether an expression names a place in memory: a variable, a member, `*pointer`."""
    match node:
        case ir.Name():
            return True
        case ir.Member(base=base) | ir.Index(base=base):
            return is_place(base) or isinstance(base, ir.Call)
        case ir.Unary(op="*", operand=operand):
            return is_place(operand)
        case _:
            return False


def names(node: ir.Node) -> frozenset[str]:
    """Give the identifiers in a node, members and functions included."""
    found = set()
    for each in ir.walk(node):
        if isinstance(each, ir.Name):
            found.add(each.id)
        elif isinstance(each, ir.Member):
            found.add(each.field)
    return frozenset(found)


def path_of(node: ir.Expr) -> str:
    """Give the text of an lvalue in one spelling, empty if it is none that can be followed."""
    match node:
        case ir.Name():
            return node.id
        case ir.Member():
            base = path_of(node.base)
            return f"{base}{'->' if node.arrow else '.'}{node.field}" if base else ""
        case ir.Unary(op="*"):
            base = path_of(node.operand)
            return f"*{base}" if base else ""
        case ir.Unary(op="&"):
            return path_of(node.operand)
        case ir.Cast():
            return path_of(node.operand)
        case _:
            return ""


def denoted(node: ir.Expr) -> str:
    """Give one name for an object however it is reached (`p->x`, `(*p).x`), empty for others.

    A pointer and what it points to have the same name; so have `&x` and `x`.
    """
    fields: list[str] = []
    while True:
        if isinstance(node, ir.Member):
            fields.append(node.field)
            node = node.base
        elif isinstance(node, ir.Cast) or (isinstance(node, ir.Unary) and node.op in "&*"):
            node = node.operand
        elif isinstance(node, ir.Name):
            return ".".join([node.id, *reversed(fields)])
        else:
            return ""


def bare(node: ir.Expr) -> ir.Expr:
    """Give an expression without the casts around it."""
    while isinstance(node, ir.Cast):
        node = node.operand
    return node


def written(node: ir.Node) -> str:
    """Give one spelling of an expression, the same for the same expression."""
    if isinstance(node, ir.Name):
        return node.id
    if isinstance(node, ir.Number | ir.String):
        return node.text
    parts = ",".join(written(child) for child in ir.children(node))
    word = getattr(node, "op", getattr(node, "field", ""))
    return f"{word}({parts})"


def plain_name(node: ir.Expr) -> str:
    """Give the identifier that an expression is, apart from casts and `&`; else nothing."""
    while isinstance(node, ir.Cast) or (isinstance(node, ir.Unary) and node.op == "&"):
        node = node.operand
    return node.id if isinstance(node, ir.Name) else ""


def root_of(node: ir.Expr) -> str:
    """Give the variable that a place in memory is part of, empty if it is part of none."""
    while isinstance(node, ir.Member | ir.Index):
        node = node.base
    return node.id if isinstance(node, ir.Name) else ""


def pointed(node: ir.Expr) -> ir.Expr:
    """Give what a pointer leads to, for `&place` and casts of it; else the pointer itself."""
    while isinstance(node, ir.Cast) or (isinstance(node, ir.Unary) and node.op == "&"):
        node = node.operand
    return node
