"""Lvalues as texts: `tdx->vp.ret`, `*out`."""

from tdxreview.cfront import ir


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
