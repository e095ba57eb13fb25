"""Which pages a call of a leaf gives to the module or gets back, in the words of its function."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tdxreview.cfront import ir
from tdxreview.dataflow.copies import canonical, copies_of, register, written_registers
from tdxreview.dataflow.domains import page_sets
from tdxreview.dataflow.domains.progress import ANY_PAGE, NOTHING
from tdxreview.kernel.tdx import Leaf
from tdxreview.program.unit import Function

FunctionInView = Callable[[str, str], Function | None]
"""What gives the function that a name means in a file, None unless it is known whole."""


def pages_of(
    entry: Leaf, function: Function, call: ir.Call, in_view: FunctionInView
) -> tuple[frozenset[str], frozenset[str]]:
    """Give the pages that a call of a leaf gives to the module, and those it takes back."""

    def named(operands: tuple[tuple[str, int], ...]) -> frozenset[str]:
        found = (_operand(entry, function, call, each, in_view) for each in operands)
        return frozenset(text for texts in found for text in texts)

    back = frozenset([ANY_PAGE]) if entry.takes_back_unnamed else named(entry.takes_back)
    return named(entry.gives), back


def _operand(
    entry: Leaf,
    function: Function,
    call: ir.Call,
    chosen: tuple[str, int],
    in_view: FunctionInView,
) -> frozenset[str]:
    name, position = chosen
    convention = call.name.startswith("tdh_")
    wrapper = in_view(call.name, function.path)
    if not convention and wrapper is None:
        return _in_register(entry, function.body, call, name)
    copies = copies_of(function.body)
    arguments = [canonical(node, copies) for node in call.arguments]
    if wrapper is not None:
        words = dict(zip((p.name for p in wrapper.parameters), arguments, strict=False))
        own = _of_wrapper(entry, wrapper, name)
        return _with_members(page_sets.renamed(own, words), entry.page_members)
    text = arguments[position] if convention and 0 <= position < len(arguments) else ""
    return _with_members(page_sets.objects([text]), entry.page_members)


def _in_register(entry: Leaf, body: ir.Body, call: ir.Call, name: str) -> frozenset[str]:
    struct = next((s for s in map(pointed, call.arguments) if s), "")
    if not struct:
        return NOTHING
    if name not in entry.inputs:
        return frozenset([f"{struct}.{name}"])
    value = register(body, struct, name)
    if value is not None:
        return page_sets.objects([canonical(value, copies_of(body))])
    several = name in written_registers(body, struct)
    return frozenset([f"={struct}.{name}"]) if several else NOTHING


def _of_wrapper(entry: Leaf, wrapper: Function, name: str) -> frozenset[str]:
    """Give the page of a wrapper by its parameters."""
    for inner in ir.calls(wrapper.body.block):
        found = _in_register(entry, wrapper.body, inner, name)
        if found:
            names = frozenset(each.name for each in wrapper.parameters)
            return page_sets.for_caller(found, names)
    return NOTHING


def _with_members(texts: frozenset[str], members: tuple[str, ...]) -> frozenset[str]:
    """Give pages with the members of an object that may stand for one: `td` for its root page."""
    return texts.union(*(_holding(text, members) for text in texts)) if members else texts


def _holding(text: str, members: tuple[str, ...]) -> Iterator[str]:
    head = next((text.removesuffix(each) for each in members if text.endswith(each)), "")
    holder = head or f"{text}{'.' if '->' in text else '->'}"
    yield from (f"{holder}{each}" for each in members)


def pointed(node: ir.Expr) -> str:
    """Give the variable whose address an argument is."""
    while isinstance(node, ir.Cast):
        node = node.operand
    if isinstance(node, ir.Unary) and node.op == "&" and isinstance(node.operand, ir.Name):
        return node.operand.id
    return ""
