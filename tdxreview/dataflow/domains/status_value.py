"""What a variable can hold: a constant, or something that depends on a status."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct

from tdxreview.cfront import arithmetic
from tdxreview.cfront.ctypes import INT, U64, CType, CValue
from tdxreview.cfront.ir import Span
from tdxreview.kernel.statuses import DETAIL

DETAILS = 0xFFFFFFFF


class Form(StrEnum):
    """What a value that depends on a status still says of it."""

    STATUS = "status"
    """The u64 itself, or it under a mask that keeps bits above 31."""
    ERRNO = "errno"
    """0 or a negative errno made from it."""
    LOW = "low"
    """Its low bits: the class and the code are gone."""
    OTHER = "other"
    """A test of it, or some other number computed from it."""


class Constant(Struct, frozen=True, tag=True, tag_field="exact"):
    """A number; `name` is the macro that gave it, `errno` says that it is one."""

    number: CValue
    name: str = ""
    errno: bool = False


class Vector(Struct, frozen=True, tag=True, tag_field="exact"):
    """A number for every status of the universe, for the status that `origin` stands for.

    `mask` is what the status was masked with, None for no mask; `cut` is where a variable's value
    was cut out of one, so that it matters where the variable is read.
    """

    origin: int
    numbers: tuple[int | None, ...]
    type: CType
    form: Form
    mask: int | None = None
    cut: Span | None = None

    def truth(self) -> tuple[int, int]:
        """Return the sets of statuses for which it may be true, and may be false."""
        return _truth(self.numbers)


def status(numbers: tuple[int, ...], origin: int) -> Vector:
    """Return the status of an origin as the u64 that it is."""
    return Vector(origin, numbers, U64, Form.STATUS)


Exact: TypeAlias = Constant | Vector
"""What is known of a value to the number; None stands for what is not."""
SUCCESS = 1
"""The set of statuses that holds success alone: success comes first in the universe."""


@lru_cache(maxsize=4096)
def _truth(numbers: tuple[int | None, ...]) -> tuple[int, int]:
    yes = sum(1 << at for at, number in enumerate(numbers) if number != 0)
    no = sum(1 << at for at, number in enumerate(numbers) if not number)
    return yes, no


def truth(value: Exact | None) -> bool | None:
    """Return the truth of a constant, None for what is not one."""
    return bool(value.number.value) if isinstance(value, Constant) else None


def converted(value: Exact | None, kind: CType | None) -> Exact | None:
    """Return what a value becomes in a variable of a type (None: a type that we do not know)."""
    if kind is None:
        return value
    if isinstance(value, Constant):
        number = arithmetic.converted(value.number, kind)
        return Constant(number, value.name, value.errno)
    if isinstance(value, Vector):
        numbers = _wrapped(value.numbers, kind)
        form = value.form
        if form is Form.STATUS and kind.bits < U64.bits:
            form = Form.OTHER if kind.truth else Form.LOW
        if form is Form.ERRNO and kind.truth:
            form = Form.OTHER
        return Vector(value.origin, numbers, kind, form, value.mask)
    return None


@lru_cache(maxsize=4096)
def _wrapped(numbers: tuple[int | None, ...], kind: CType) -> tuple[int | None, ...]:
    return tuple(None if number is None else kind.wrap(number) for number in numbers)


def unary(op: str, operand: Exact | None) -> Exact | None:
    """Compute `op operand`."""
    if isinstance(operand, Constant):
        number = arithmetic.unary(op, operand.number)
        errno = op == "-" and operand.errno
        name = f"-{operand.name}" if errno else ""
        return None if number is None else Constant(number, name, errno)
    if isinstance(operand, Vector) and op in {"!", "~", "-"}:
        numbers, kind = _each_unary(op, operand.numbers, operand.type)
        return Vector(operand.origin, numbers, kind, Form.OTHER)
    return None


@lru_cache(maxsize=4096)
def _each_unary(
    op: str, numbers: tuple[int | None, ...], kind: CType
) -> tuple[tuple[int | None, ...], CType]:
    results = [None if n is None else arithmetic.unary(op, CValue(n, kind)) for n in numbers]
    known = next((result.type for result in results if result), INT)
    return tuple(None if result is None else result.value for result in results), known


def binary(op: str, left: Exact | None, right: Exact | None) -> Exact | None:
    """Compute `left op right`."""
    if isinstance(left, Constant) and isinstance(right, Constant):
        number = arithmetic.binary(op, left.number, right.number)
        return None if number is None else Constant(number)
    if op in {"&&", "||"}:
        return _logical(op, left, right)
    if left is None or right is None:
        return None
    if isinstance(left, Vector) and isinstance(right, Vector) and left.origin != right.origin:
        return None
    vector = left if isinstance(left, Vector) else right
    if not isinstance(vector, Vector):
        return None
    numbers, kind = _each(op, _side(left), _side(right))
    if op in {"==", "!="}:
        numbers = _doubtful(numbers, left, right)
    form, mask = _result_form(op, left, right)
    return Vector(vector.origin, numbers, kind, form, mask)


def _doubtful(
    numbers: tuple[int | None, ...], left: Exact | None, right: Exact | None
) -> tuple[int | None, ...]:
    """Leave open what nobody can tell: which errno a failure is, which operand a detail names."""
    vector, other = (left, right) if isinstance(left, Vector) else (right, left)
    if not isinstance(vector, Vector) or not isinstance(other, Constant):
        return numbers
    wanted = other.number.as_u64
    if vector.form is Form.ERRNO and wanted:
        return tuple(
            None if own else number for own, number in zip(vector.numbers, numbers, strict=True)
        )
    if vector.form is Form.STATUS and vector.mask is None and wanted & DETAILS:
        return tuple(
            None if _same_code(own, wanted) else number
            for own, number in zip(vector.numbers, numbers, strict=True)
        )
    return numbers


def _same_code(own: int | None, wanted: int) -> bool:
    """Tell whether a status that stands for any operand is this one but for the operand."""
    if own is None or own & DETAILS != DETAIL or own == wanted:
        return False
    return own & ~DETAILS == wanted & ~DETAILS


_Side: TypeAlias = tuple[tuple[int | None, ...], CType]


def _side(value: Exact | None) -> _Side:
    if isinstance(value, Constant):
        return (value.number.value,), value.number.type
    return (value.numbers, value.type) if isinstance(value, Vector) else ((None,), INT)


@lru_cache(maxsize=8192)
def _each(op: str, left: _Side, right: _Side) -> _Side:
    length = max(len(left[0]), len(right[0]))
    ones = left[0] * length if len(left[0]) == 1 else left[0]
    twos = right[0] * length if len(right[0]) == 1 else right[0]
    kind = INT
    results: list[int | None] = []
    for one, two in zip(ones, twos, strict=True):
        if one is None or two is None:
            results.append(None)
            continue
        value = arithmetic.binary(op, CValue(one, left[1]), CValue(two, right[1]))
        kind = value.type if value else kind
        results.append(value.value if value else None)
    return tuple(results), kind


def _result_form(op: str, left: Exact | None, right: Exact | None) -> tuple[Form, int | None]:
    vector, other = (left, right) if isinstance(left, Vector) else (right, left)
    if op != "&" or not isinstance(vector, Vector) or not isinstance(other, Constant):
        return Form.OTHER, None
    mask = other.number.as_u64 & (U64.wrap(-1) if vector.mask is None else vector.mask)
    if vector.form is Form.STATUS:
        return (Form.LOW if mask < 1 << INT.bits else Form.STATUS), mask
    return vector.form if vector.form is Form.LOW else Form.OTHER, mask


def _logical(op: str, left: Exact | None, right: Exact | None) -> Exact | None:
    for value in (left, right):
        if truth(value) is (op == "||"):
            return Constant(CValue(int(op == "||"), INT))
    vector = next((each for each in (left, right) if isinstance(each, Vector)), None)
    if vector is None:
        return None
    same = all(not isinstance(v, Vector) or v.origin == vector.origin for v in (left, right))
    if not same:
        return None
    return Vector(vector.origin, _each_logical(op, _bits(left), _bits(right)), INT, Form.OTHER)


def _bits(value: Exact | None) -> tuple[int | None, ...]:
    if isinstance(value, Vector):
        return tuple(None if number is None else int(number != 0) for number in value.numbers)
    known = truth(value)
    return (None if known is None else int(known),)


@lru_cache(maxsize=4096)
def _each_logical(
    op: str, left: tuple[int | None, ...], right: tuple[int | None, ...]
) -> tuple[int | None, ...]:
    length = max(len(left), len(right))
    ones = left * length if len(left) == 1 else left
    twos = right * length if len(right) == 1 else right
    decisive = int(op == "||")
    return tuple(
        decisive if decisive in (one, two) else None if None in (one, two) else 1 - decisive
        for one, two in zip(ones, twos, strict=True)
    )


def chosen(test: Vector, then: Exact | None, other: Exact | None) -> Exact | None:
    """Return `test ? then : other` where the test depends on a status."""
    sides = [side for side in (then, other) if isinstance(side, Vector)]
    if then is None or other is None:
        return None
    if any(side.origin != test.origin for side in sides):
        return None
    kinds = [_side(side)[1] for side in (then, other)]
    numbers = _each_chosen(test.numbers, _side(then)[0], _side(other)[0])
    errno = any(isinstance(side, Constant) and side.errno for side in (then, other))
    form = (
        Form.ERRNO
        if errno
        else Form.STATUS
        if sides and sides[0].form is Form.STATUS
        else Form.OTHER
    )
    return Vector(test.origin, numbers, max(kinds, key=lambda kind: kind.bits), form)


@lru_cache(maxsize=4096)
def _each_chosen(
    test: tuple[int | None, ...], then: tuple[int | None, ...], other: tuple[int | None, ...]
) -> tuple[int | None, ...]:
    length = len(test)
    ones = then * length if len(then) == 1 else then
    twos = other * length if len(other) == 1 else other
    return tuple(
        None if number is None else one if number else two
        for number, one, two in zip(test, ones, twos, strict=True)
    )
