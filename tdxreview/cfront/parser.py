"""C text in, our own nodes out: the one module that knows tree-sitter."""

import re
from functools import cache, lru_cache

import tree_sitter_c
from tree_sitter import Language, Node, Parser

from tdxreview.cfront import ir
from tdxreview.cfront.lower_expressions import EXPRESSIONS
from tdxreview.cfront.lower_statements import STATEMENTS
from tdxreview.cfront.lowering import Lowering, Tables
from tdxreview.cfront.masking import masked
from tdxreview.cfront.recovery import mended
from tdxreview.regex import regex

HEADER = "void f()"
TABLES = Tables(EXPRESSIONS, STATEMENTS)
STRINGIFIED = regex(r"(?<![#\w])#[A-Za-z_]\w*")
"""What a macro makes a string of; its argument is not evaluated by it."""


@lru_cache(maxsize=4096)
def body(
    text: str, quiet: str, at: int, *, head: bool, tail: bool, parameters: tuple[str, ...] = ()
) -> ir.Body:
    """Lower a function's body, which begins at offset `at` of the function's text.

    `quiet` is the masked text, `parameters` are the function's own names. A body that is cut
    off at its head or tail is mended first.
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
    lowering = Lowering(text, at - len(HEADER) - len(prefix), TABLES, parameters)
    root = _parser().parse(source).root_node
    block = lowering.block(_first_block(root))
    return ir.Body(block, head=head, tail=tail, damaged=lowering.damaged(root))


@lru_cache(maxsize=4096)
def macro_body(text: str, at: int) -> ir.Body:
    """Lower what a `#define` stands for, which begins at offset `at` of its text."""
    flat = text[at:].replace("\\\n", " \n").replace("##", "__")
    flat = STRINGIFIED.sub(_as_string, flat).replace("#", " ")
    quiet = masked(" " + flat)[1:].rstrip()
    source = f"{HEADER}{{{quiet};}}".encode("ascii", "replace")
    lowering = Lowering(text, at - len(HEADER) - 1, TABLES)
    root = _parser().parse(source).root_node
    return ir.Body(lowering.block(_first_block(root)), damaged=lowering.damaged(root))


def _as_string(found: re.Match[str]) -> str:
    """Give a string in the place of `#parameter`, as long as it is."""
    return f'"{found[0][2:]}"'


@lru_cache(maxsize=4096)
def statements(text: str) -> tuple[ir.Stmt, ...]:
    """Lower declarations and macro calls as they stand outside of functions."""
    source = f"{HEADER}{{{masked(text)};}}".encode("ascii", "replace")
    lowering = Lowering(text, -len(HEADER) - 1, TABLES)
    return lowering.block(_first_block(_parser().parse(source).root_node)).body


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_c.language()))


def _first_block(root: Node) -> Node:
    for child in root.named_children:
        found = child.child_by_field_name("body")
        if found is not None and found.type == "compound_statement":
            return found
    return root
