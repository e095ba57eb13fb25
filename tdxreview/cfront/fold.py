"""Constant expressions evaluated with C's own types."""

from collections.abc import Callable

from tdxreview.cfront import arithmetic, ir
from tdxreview.cfront.ctypes import INT, U64, CType, CValue, ctype, literal
from tdxreview.kernel.names import Number, kernel_names

_OF_C = {
    "NULL": Number(0, 64),
    "true": Number(1, 32, signed=True),
    "false": Number(0, 32, signed=True),
}
"""What C itself names."""
Lookup = Callable[[str], CValue | None]


def evaluate(node: ir.Expr, name: Lookup) -> CValue | None:
    """Give the value of an expression, None if it is no constant that we can compute."""
    match node:
        case ir.Number():
            return _number(node.text)
        case ir.Name():
            return known_number(node.id) or name(node.id)
        case ir.Call():
            return _call(node, name)
        case ir.Binary():
            return _binary(node, name)
        case _:
            return _other(node, name)


def _other(node: ir.Expr, name: Lookup) -> CValue | None:
    match node:
        case ir.Unary():
            operand = evaluate(node.operand, name)
            return arithmetic.unary(node.op, operand) if operand else None
        case ir.Cast():
            operand, kind = evaluate(node.operand, name), ctype(node.type)
            return arithmetic.converted(operand, kind) if operand and kind else None
        case ir.Conditional():
            test = evaluate(node.test, name)
            side = node.other if test and not test.value else node.then
            return evaluate(side, name) if test and side else None
        case _:
            return None


def known_number(name: str) -> CValue | None:
    """Give the kernel's own constants that statuses are built with."""
    found = kernel_names().numbers.numbers.get(name) or _OF_C.get(name)
    return CValue(found.value, CType(found.bits, signed=found.signed)) if found else None


def _number(text: str) -> CValue | None:
    if text.startswith("'"):
        return CValue(ord(text[1]), INT) if len(text) == len("'a'") else None
    return literal(text)


def _binary(node: ir.Binary, name: Lookup) -> CValue | None:
    left, right = evaluate(node.left, name), evaluate(node.right, name)
    return arithmetic.binary(node.op, left, right) if left and right else None


def _call(node: ir.Call, name: Lookup) -> CValue | None:
    numbers = kernel_names().numbers
    if node.name in numbers.suffixed and node.arguments:
        first, suffix = node.arguments[0], numbers.suffixed[node.name]
        return literal(first.text + suffix) if isinstance(first, ir.Number) else None
    if node.name in numbers.joined and len(node.arguments) > 1:
        first, second = node.arguments[:2]
        parts = isinstance(first, ir.Number) and isinstance(second, ir.Name)
        return literal(first.text + second.id) if parts else None  # type: ignore[union-attr]
    values = [evaluate(each, name) for each in node.arguments]
    if any(value is None for value in values):
        return None
    return _known_call(node.name, [value.value for value in values if value])


def _known_call(name: str, given: list[int]) -> CValue | None:
    numbers = kernel_names().numbers
    if name in numbers.bits and len(given) == 1:
        kind = CType(numbers.bits[name], signed=False)
        fits = 0 <= given[0] < kind.bits
        return CValue(1 << given[0], kind) if fits else CValue(0, U64, overflow=True)
    if name in numbers.masks and len(given) > 1:
        return _genmask(*given[:2])
    return None


def _genmask(high: int, low: int) -> CValue | None:
    """Give a mask as linux/bits.h computes it: nothing is left if its ends are exchanged."""
    if not (0 <= low < U64.bits and 0 <= high < U64.bits):
        return None
    return CValue(max(0, (1 << (high + 1)) - (1 << low)), U64)


def _nothing(name: str) -> CValue | None:
    del name
    return None


NO_NAMES: Lookup = _nothing
"""The look-up that knows no names."""
