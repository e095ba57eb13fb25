"""An expression as canonical text, so that two spellings of one place in memory compare equal."""

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
