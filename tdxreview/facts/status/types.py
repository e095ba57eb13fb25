"""Types, masks and numbers named as facts."""

from tdxreview.cfront.ctypes import ERRNO_MAX, INT, U64, CType
from tdxreview.dataflow.domains.status_value import Constant
from tdxreview.facts.status.schema import Gives, Lands, Masked
from tdxreview.kernel.statuses import STATUS_MASK

LOW_HALF = 1 << INT.bits


def masked(mask: int | None) -> Masked:
    """Say what a mask leaves of a status."""
    if mask is None:
        return Masked.NO
    if mask == STATUS_MASK:
        return Masked.STATUS_BITS
    if mask < LOW_HALF:
        return Masked.LOW_BITS
    return Masked.STATUS_BITS if not mask & 0xFFFFFFFF else Masked.OTHER


def gives(constant: Constant | None) -> Gives:
    """Say what kind of answer a number is to callers that expect 0 or an errno."""
    if constant is None:
        return Gives.NOTHING
    number = constant.number.value
    if number == 0:
        return Gives.ZERO
    if number < 0:
        return Gives.NEGATIVE
    return Gives.POSITIVE if constant.errno and number <= ERRNO_MAX else Gives.OTHER


def landing(kind: CType | None) -> Lands:
    """Name the type that a value goes into."""
    if kind is None:
        return Lands.UNKNOWN
    if kind.truth:
        return Lands.BOOL
    if kind.bits == U64.bits:
        return Lands.S64 if kind.signed else Lands.U64
    if kind.bits < INT.bits:
        return Lands.NARROWER
    return Lands.INT if kind.signed else Lands.U32


def printed_as(conversion: str, bits: int) -> Lands:
    """Name the width of a printf conversion; pointers and strings are not ours."""
    if not conversion or conversion[-1] not in "diuxXoc":
        return Lands.UNKNOWN
    length = conversion.rstrip("diuxXoc")
    if length.endswith(("ll", "l", "L", "z", "t", "j")):
        return Lands.U64 if bits == U64.bits else landing(CType(bits, signed=False))
    if length.endswith("h"):
        return Lands.NARROWER
    return Lands.INT if conversion[-1] in "di" else Lands.U32
