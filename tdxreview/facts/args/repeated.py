"""Calls of a leaf that is a parameter, repeated with the struct that the answer was put into."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import bare, spelled
from tdxreview.dataflow.domains.registers import ANYTHING, Use
from tdxreview.kernel.statuses import STATUS_MASK
from tdxreview.program.program import Program
from tdxreview.program.unit import Function

BUSY = "BUSY"


def repeats_outputs(program: Program, function: Function, use: Use) -> bool:
    """Tell whether a helper repeats any leaf on contention, with outputs for inputs.

    A repeat for want of entropy leaves the registers as they were, and one after an interrupt may
    go on from them.
    """
    handed = {each.name for each in function.parameters}
    if use.name not in handed or not any(each.spent == ANYTHING for each in use.contents):
        return False
    at = use.handover.leaf_argument
    leaf = use.call.arguments[at] if at is not None and at < len(use.call.arguments) else None
    if leaf is None or spelled(bare(leaf)) not in handed:
        return False
    return any(_is_busy(program, function, each) for each in _codes_around(function, use.call))


def _codes_around(function: Function, call: ir.Call) -> Iterator[str]:
    """Give the constants for which the loops around a call go round again."""
    for loop in ir.nodes(function.body):
        inside = isinstance(loop, ir.While | ir.For) and any(e is call for e in ir.walk(loop.body))
        if inside and isinstance(loop, ir.While | ir.For) and loop.test is not None:
            for each in ir.walk(loop.test):
                if isinstance(each, ir.Binary) and each.op == "==":
                    yield spelled(bare(each.right))


def _is_busy(program: Program, function: Function, code: str) -> bool:
    """Tell whether a constant is a status of contention, whatever it is called."""
    known = program.abi.status_of_macro.get(code)
    found = program.constant(code, function.path)
    value = known.value if known else found.as_u64 if found else 0
    return any(
        BUSY in status.name and status.value & STATUS_MASK == value & STATUS_MASK
        for status in program.abi.statuses
    )
