"""Numbers as the signs they can have: enough to tell on which path a call said success."""

from __future__ import annotations

from enum import IntFlag

from msgspec import Struct

from tdxreview.dataflow.domains.status_value import Exact


class Signs(IntFlag):
    """The signs that a number can have; a truth value is `ZERO` or `POSITIVE`."""

    NEGATIVE = 1
    ZERO = 2
    POSITIVE = 4
    NONZERO = 5
    ANY = 7


class Value(Struct, frozen=True, order=True):
    """What is known of a number; `tied` says that it depends on whether VMX was turned on.

    `exact` is there where the number is known, or is known for every status.
    """

    signs: Signs = Signs.ANY
    tied: bool = False
    exact: Exact | None = None

    @property
    def decided(self) -> bool | None:
        """Give its truth, None where it may be zero and may be not."""
        if not self.signs & Signs.NONZERO:
            return False
        return None if self.signs & Signs.ZERO else True

    def only(self, signs: Signs) -> Value:
        """Return it restricted to some signs; what is known exactly is known without them."""
        return self if self.exact is not None else Value(self.signs & signs, self.tied)


ANYTHING = Value()
ZERO = Value(Signs.ZERO)
TRUE = Value(Signs.POSITIVE)
NEGATIVE = Value(Signs.NEGATIVE)
WANTED = {
    "<": Signs.NEGATIVE,
    ">": Signs.POSITIVE,
    "<=": Signs.NEGATIVE | Signs.ZERO,
    ">=": Signs.POSITIVE | Signs.ZERO,
    "==": Signs.ZERO,
    "!=": Signs.NONZERO,
}
"""The signs for which a comparison with zero holds."""
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def truth(value: Value) -> Value:
    """Give the value of `!!value`."""
    return Value(_truth(yes=value.signs & Signs.NONZERO, no=value.signs & Signs.ZERO), value.tied)


def _truth(*, yes: int, no: int) -> Signs:
    return (Signs.POSITIVE if yes else Signs(0)) | (Signs.ZERO if no else Signs(0))


def negated(value: Value) -> Value:
    """Give the value of `!value`."""
    return Value(_truth(yes=value.signs & Signs.ZERO, no=value.signs & Signs.NONZERO), value.tied)


def opposite(value: Value) -> Value:
    """Give the value of `-value`."""
    signs = value.signs & Signs.ZERO
    signs |= Signs.POSITIVE if value.signs & Signs.NEGATIVE else Signs(0)
    signs |= Signs.NEGATIVE if value.signs & Signs.POSITIVE else Signs(0)
    return Value(signs, value.tied)


def compared(op: str, left: Value, right: Value) -> Value:
    """Give the truth of a comparison, known against zero and between different signs."""
    tied = left.tied or right.tied
    if right.signs == Signs.ZERO:
        wanted = WANTED[op]
        return Value(_truth(yes=left.signs & wanted, no=left.signs & ~wanted), tied)
    if left.signs == Signs.ZERO:
        return compared(MIRRORED[op], right, left)
    if not left.signs & right.signs and op in {"==", "!="}:
        return Value(Signs.ZERO if op == "==" else Signs.POSITIVE, tied)
    return Value(_truth(yes=1, no=1), tied)


def combined(op: str, left: Value, right: Value) -> Value:
    """Give the value of any other binary operation."""
    tied = left.tied or right.tied
    if op in {"|", "+"} and Signs.ZERO in {left.signs, right.signs}:
        other = right if left.signs == Signs.ZERO else left
        return Value(other.signs, tied)
    if op == "|":
        return Value(_either(left.signs, right.signs), tied)
    if op in {"&", "*"} and Signs.ZERO in {left.signs, right.signs}:
        return Value(Signs.ZERO, tied)
    return Value(Signs.ANY, tied)


def _either(left: Signs, right: Signs) -> Signs:
    """Give the signs of `left | right`: negative if one is, zero only if both are."""
    signs = (left | right) & Signs.NEGATIVE
    if left & ~Signs.NEGATIVE and right & ~Signs.NEGATIVE:
        signs |= left & right & Signs.ZERO
        signs |= (left | right) & Signs.POSITIVE
    return signs
