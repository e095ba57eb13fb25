"""Values of expressions: exactly where that is known, by their signs everywhere else."""

from __future__ import annotations

from tdxreview.cfront.ctypes import CType, ctype
from tdxreview.dataflow.domains import signs, status_value
from tdxreview.dataflow.domains.signs import ANYTHING, NEGATIVE, TRUE, ZERO, Signs, Value
from tdxreview.dataflow.domains.status_value import Constant, Exact, Vector


def known(exact: Exact | None) -> Value:
    """Return the value that is a number, or one for each status."""
    if not isinstance(exact, Constant):
        return ANYTHING if exact is None else Value(exact=exact)
    number = exact.number.value
    sign = ZERO if number == 0 else TRUE if number > 0 else NEGATIVE
    return Value(sign.signs, exact=exact)


def vector_of(value: Value) -> Vector | None:
    """Return the numbers that a value has for each status, None if it depends on none."""
    return value.exact if isinstance(value.exact, Vector) else None


def binary(op: str, left: Value, right: Value) -> Value:
    """Compute `left op right`; of comparisons the truth."""
    exact = status_value.binary(op, left.exact, right.exact)
    if exact is not None:
        return known(exact)
    if op in signs.WANTED:
        return signs.compared(op, left, right)
    return signs.combined(op, left, right)


def unary(op: str, operand: Value) -> Value:
    """Compute `op operand` for `!`, `-`, `~` and `+`."""
    exact = status_value.unary(op, operand.exact)
    if exact is not None:
        return known(exact)
    match op:
        case "!":
            return signs.negated(operand)
        case "-":
            return signs.opposite(operand)
        case _:
            return Value(Signs.ANY, operand.tied)


def truth(value: Value) -> Value:
    """Compute `!!value`."""
    return signs.truth(value) if value.exact is None else unary("!", unary("!", value))


def converted(value: Value, type_name: str) -> Value:
    """Compute `(type)value`; what is known by its sign alone keeps that in other integers."""
    if value.exact is not None:
        return known(exactly(value.exact, ctype(type_name)))
    return signs.truth(value) if type_name == "bool" else value


def exactly(exact: Exact | None, kind: CType | None) -> Exact | None:
    """Return what a number becomes in a variable of a type (None: one that we do not know)."""
    return status_value.converted(exact, kind)
