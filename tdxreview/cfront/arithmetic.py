"""Operators on numbers with C's own types."""

import operator
from collections.abc import Callable

from tdxreview.cfront.ctypes import BOOL, INT, CType, CValue, common, promoted

_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
_COMPARING: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARISONS = frozenset(_COMPARING)


def unary(op: str, operand: CValue) -> CValue | None:
    """Compute `op operand`; None for an operator without a value of its own."""
    if op == "!":
        return CValue(int(not operand.value), INT)
    kind = promoted(operand.type)
    numbers = {"-": -operand.value, "~": ~operand.value, "+": operand.value}
    return CValue(kind.wrap(numbers[op]), kind, operand.overflow) if op in numbers else None


def binary(op: str, left: CValue, right: CValue) -> CValue | None:
    """Compute `left op right`; None where C does not define it."""
    overflow = left.overflow or right.overflow
    if op in {"<<", ">>"}:
        return _shifted(op, left, right.value, overflow=overflow)
    kind = common(left.type, right.type)
    one, two = kind.wrap(left.value), kind.wrap(right.value)
    if op in _COMPARING:
        return CValue(int(_COMPARING[op](one, two)), INT)
    if op in {"&&", "||"}:
        both = (left.value != 0) + (right.value != 0)
        return CValue(int(both > 1 if op == "&&" else both > 0), INT)
    if op in {"/", "%"}:
        return _divided(op, one, two, kind)
    if op not in _ARITHMETIC:
        return None
    exact = _ARITHMETIC[op](one, two)
    lost = kind.signed and kind.wrap(exact) != exact
    return CValue(kind.wrap(exact), kind, overflow or lost)


def _shifted(op: str, left: CValue, by: int, *, overflow: bool) -> CValue:
    kind = promoted(left.type)
    if not 0 <= by < kind.bits:
        return CValue(0, kind, overflow=True)
    number = kind.wrap(left.value)
    exact = number << by if op == "<<" else number >> by
    lost = kind.signed and kind.wrap(exact) != exact
    return CValue(kind.wrap(exact), kind, overflow or lost)


def _divided(op: str, left: int, right: int, kind: CType) -> CValue | None:
    if not right:
        return None
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return CValue(kind.wrap(quotient if op == "/" else left - right * quotient), kind)


def converted(value: CValue, kind: CType) -> CValue:
    """Convert a number to a type, as an assignment or a cast does."""
    return CValue(kind.wrap(value.value), kind, value.overflow and kind is not BOOL)
