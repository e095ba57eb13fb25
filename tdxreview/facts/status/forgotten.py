"""Failures that a callback or a helper leaves in memory, where nobody looks for them."""

from __future__ import annotations

from collections.abc import Iterator

from tdxreview.cfront import ir
from tdxreview.cfront.access_path import denoted
from tdxreview.facts.status.schema import Act, Holds, Use
from tdxreview.facts.status.steps import tells_by_truth
from tdxreview.program.deposits import Handover
from tdxreview.program.program import Program
from tdxreview.program.unit import Function


def forgotten_failures(program: Program, function: Function) -> Iterator[Use]:
    """Give the calls whose failures stay in an object of the function that it never reads."""
    if not program.reaches(function):
        return
    told: set[tuple[object, ...]] = set()
    for each in program.deposits.unread(function):
        key = each.call.span, each.function.name
        if key not in told:
            told.add(key)
            yield _use(function, each)
    yield from _dropped_truths(program, function)


def _dropped_truths(program: Program, function: Function) -> Iterator[Use]:
    """Give the calls of functions that are false after a failure, where nobody asks them."""
    for node in ir.nodes(function.body):
        if not isinstance(node, ir.Evaluate) or not isinstance(node.value, ir.Call):
            continue
        name = node.value.name
        if program.leads(name, function.path) and tells_by_truth(program, name, function.path):
            yield Use(
                place=function.place(node.value.span),
                function=function.name,
                source=f"{name}()",
                detail="returns",
                act=Act.DISCARDED,
            )


def _use(function: Function, found: Handover) -> Use:
    name = denoted(found.object) or "memory"
    kept = f"{name}.{found.field}" if found.field and "." not in name else name
    step = found.function.step(
        found.function.body.block.span, f"{found.function.name}() leaves its failure in `{kept}`"
    )
    return Use(
        place=function.place(found.call.span),
        function=function.name,
        evidence=(("act", (step,)),),
        source=f"{found.function.name}()",
        detail=f"leaves in `{kept}`",
        act=Act.NEVER_READ,
        holds=Holds.UNKNOWN,
    )
