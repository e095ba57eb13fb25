"""What a status is compared with, and for which statuses that is true."""

from __future__ import annotations

from msgspec import Struct

from tdxreview.cfront.ctypes import ERRNO_MAX, INT
from tdxreview.dataflow.domains.status_uses import Event, Happening
from tdxreview.dataflow.domains.status_value import Constant
from tdxreview.facts.status.schema import Against, Outcome
from tdxreview.facts.status.types import LOW_HALF
from tdxreview.kernel.knowledge import Abi
from tdxreview.kernel.statuses import STATUS_MASK, Universe
from tdxreview.kernel.tdx import Status

SW_ERROR = 1 << 63 | 0xFF << 40
TOP_BITS = 1 << 63 | 1 << 62
COMPARING = frozenset({Happening.COMPARED, Happening.CASE, Happening.BITS})


class Comparing(Struct, frozen=True):
    """Tells constants by the ABI; `leaf` is the leaf that the status is of, empty if unknown."""

    abi: Abi
    universe: Universe
    leaf: str

    def status(self, constant: Constant | None) -> Status | None:
        """Give the status that a constant is by its name or by its upper half."""
        if constant is None:
            return None
        named = self.abi.status_of_macro.get(constant.name)
        upper = constant.number.as_u64 & STATUS_MASK
        if named or not upper:
            return named
        known = (status for status in self.abi.statuses if status.value == upper)
        return next(known, None)

    def against(self, event: Event) -> Against:
        """Say what kind of constant a status meets."""
        constant = event.constant
        if constant is None:
            return Against.UNKNOWN if event.what in COMPARING else Against.NOTHING
        negative = constant.number.value < 0 and constant.number.type.bits == INT.bits
        if constant.errno and 0 < constant.number.value <= ERRNO_MAX:
            return Against.POSITIVE_ERRNO
        if constant.errno or negative:
            return Against.ERRNO
        number = constant.number.as_u64
        status = self.status(constant)
        if number == 0:
            return Against.ZERO
        masks = self.abi.mask_of_macro
        # A number that a macro or a variable gave has no name: a mask of the ABI's is none.
        unnamed = () if constant.name else (each.value for each in masks.values())
        is_mask = constant.name in masks or number in {STATUS_MASK, TOP_BITS, *unnamed}
        return against_mask(number) if is_mask or status is None else self._code(number, status)

    def _code(self, number: int, status: Status) -> Against:
        if status.value != number and number & STATUS_MASK == status.value & STATUS_MASK:
            return Against.CODE_AND_OPERAND
        leaf = self.abi.leaf_of_name.get(self.leaf)
        none_here = leaf is not None and leaf.operands_known and not leaf.details
        has_details = status.details and not none_here
        return Against.CODE_WITH_DETAILS if has_details else Against.CODE

    def outcome(self, event: Event) -> Outcome:
        """Say for how many statuses a condition can be true."""
        if event.what not in COMPARING or event.constant is None:
            return Outcome.UNKNOWN
        names = self.universe.names_in(event.true_for)
        if names:
            return Outcome.ONE if len(names) == 1 else Outcome.SEVERAL
        known = self.status(event.constant) or event.constant.number.value == 0
        return Outcome.NEVER if known else Outcome.UNKNOWN


def against_mask(number: int) -> Against:
    """Say what kind of mask a number is."""
    if number == SW_ERROR:
        return Against.FAULT_MASK
    if number & (number - 1) == 0:
        return Against.ONE_BIT
    if number < LOW_HALF:
        return Against.LOW_BITS
    return Against.STATUS_MASK if number % LOW_HALF == 0 else Against.OTHER
