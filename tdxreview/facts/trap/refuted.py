"""What running refutes: the facts that reading would have given, had it seen what is wrong."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from tdxreview.asm.oracle import Defect
from tdxreview.asm.outcomes import TRAP_NUMBER, Outcome
from tdxreview.asm.prove.proof import Check, Proof
from tdxreview.facts.trap.schema import (
    WRONG,
    Entry,
    Exit,
    Routine,
    TrapOutputs,
    TrapStatus,
    Vmfail,
    names_of,
)
from tdxreview.source.place import Step

_SHOWN = 8
"""So many instructions of a way out are told."""
_FACTS: dict[Defect, tuple[str, StrEnum]] = {
    Defect.OOPS: ("entry", Entry.MISSING),
    Defect.STACK: ("exits", Exit.STACK),
    Defect.SAVED_REGISTER: ("exits", Exit.SAVED_REGISTER),
    Defect.TRAP_OUTPUTS: ("trap_outputs", TrapOutputs.STORED),
    Defect.OUTPUTS: ("exits", Exit.OUTPUTS),
    Defect.NOT_CLEARED: ("exits", Exit.NOT_CLEARED),
}


def refuted(routines: Iterable[Routine], proof: Proof) -> tuple[Routine, ...]:
    """Give, for SEAMCALLs that read well, what came out wrong when they were run.

    Each is a routine at the instruction with that fact alone; its steps are those of the run.
    """
    routines = tuple(routines)
    told = {name for each in routines if _is_wrong(each) for name in names_of(each.variant)}
    return tuple(
        wrong
        for each in routines
        if told.isdisjoint(names_of(each.variant))
        for wrong in _wrong(each, proof)
    )


def _is_wrong(routine: Routine) -> bool:
    return any(getattr(routine, fact) in values for fact, values in WRONG.items())


def _wrong(routine: Routine, proof: Proof) -> Iterator[Routine]:
    found: dict[tuple[str, StrEnum], Check] = {}
    for check in proof.checks:
        if check.function in names_of(routine.variant):
            for defect in check.defects:
                found.setdefault(_fact(defect, check.outcome), check)
    for (fact, value), check in found.items():
        facts: dict[str, Any] = {fact: value}
        yield Routine(
            place=routine.place,
            function=check.function,
            variant=routine.variant,
            instruction=_storing(check) or routine.instruction,
            evidence=((fact, _steps(routine, check)),),
            **facts,
        )


def _fact(defect: Defect, outcome: str) -> tuple[str, StrEnum]:
    if defect is not Defect.STATUS:
        return _FACTS[defect]
    if outcome == Outcome.VMFAIL:
        return "vmfail", Vmfail.WRONG
    return (
        ("trap_status", TrapStatus.WRONG) if outcome in TRAP_NUMBER else ("exits", Exit.STATUS_LOST)
    )


def _way_out(check: Check) -> tuple[str, ...]:
    after = check.steps.index("seamcall") + 1 if "seamcall" in check.steps else 0
    return check.steps[after:]


def _storing(check: Check) -> str:
    """Give the first instruction that stores outputs after a trap, empty if none does."""
    if Defect.TRAP_OUTPUTS not in check.defects:
        return ""
    return next(
        (text for text in _way_out(check) if text.startswith("mov") and text.endswith(")")), ""
    )


def _steps(routine: Routine, check: Check) -> tuple[Step, ...]:
    place, way = routine.place, _way_out(check)
    more = ["…"] if way[_SHOWN:] else []
    texts = (
        f"{check.function}() was run, and {routine.instruction} ended in {check.outcome}",
        f"then ran: {'; '.join([*way[:_SHOWN], *more])}" if way else "nothing ran then",
        f"came out: {check.got}; expected: {check.expected}",
    )
    return tuple(Step(place.path, place.line, text) for text in texts)
