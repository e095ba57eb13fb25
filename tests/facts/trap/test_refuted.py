"""What a run says of SEAMCALL code that reads well."""

import pytest

from tdxreview.asm.oracle import Defect
from tdxreview.asm.prove.proof import Check, Proof
from tdxreview.facts.trap.refuted import refuted
from tdxreview.facts.trap.schema import (
    Entry,
    Exit,
    Routine,
    TrapOutputs,
    TrapStatus,
    Vmfail,
)
from tdxreview.source.place import Place

PLACE = Place(path="a/tdxcall.S", line=7, end_line=7)
CLEAN = Routine(
    place=PLACE, function="f", variant="f, f_ret", instruction="seamcall", entry=Entry.FAULT
)


def run(outcome, *defects, function="f_ret", steps=("mov %rdi,%rax", "seamcall", "ret")):
    return Check(
        path="a/seamcall.S",
        function=function,
        outcome=outcome,
        expected="0x1",
        got="0x2",
        holds=not defects,
        steps=steps,
        defects=defects,
    )


@pytest.mark.parametrize(
    ("outcome", "defect", "fact", "value"),
    [
        ("#UD", Defect.STATUS, "trap_status", TrapStatus.WRONG),
        ("VMfailInvalid", Defect.STATUS, "vmfail", Vmfail.WRONG),
        ("completed", Defect.STATUS, "exits", Exit.STATUS_LOST),
        ("#GP", Defect.OOPS, "entry", Entry.MISSING),
        ("failed", Defect.STACK, "exits", Exit.STACK),
        ("completed", Defect.SAVED_REGISTER, "exits", Exit.SAVED_REGISTER),
        ("#UD", Defect.TRAP_OUTPUTS, "trap_outputs", TrapOutputs.STORED),
    ],
)
def test_each_defect_is_the_fact_that_reading_gives_it(outcome, defect, fact, value):
    (found,) = refuted([CLEAN], Proof((run("completed"), run(outcome, defect)), ()))

    assert (found.place, found.function, getattr(found, fact)) == (PLACE, "f_ret", value)
    assert [step.text for step in found.steps(fact)] == [
        f"f_ret() was run, and seamcall ended in {outcome}",
        "then ran: ret",
        "came out: 0x2; expected: 0x1",
    ]


def test_the_same_defect_with_several_outcomes_is_told_once():
    found = refuted([CLEAN], Proof((run("#UD", Defect.STATUS), run("#GP", Defect.STATUS)), ()))

    assert len(found) == 1


def test_the_storing_instruction_is_named():
    steps = ("seamcall", "mov %rax,%rbx", "mov %rcx,0x8(%rsi)", "ret")
    (found,) = refuted([CLEAN], Proof((run("#UD", Defect.TRAP_OUTPUTS, steps=steps),), ()))

    assert found.instruction == "mov %rcx,0x8(%rsi)"


def test_what_reading_tells_is_not_told_again():
    wrong = Routine(
        place=Place(path="a/tdxcall.S", line=9, end_line=9),
        function="f_ret",
        variant="f_ret",
        trap_status=TrapStatus.RAW,
    )

    assert refuted([CLEAN, wrong], Proof((run("#UD", Defect.STATUS),), ())) == ()


@pytest.mark.parametrize("check", [run("completed"), run("#UD", Defect.STATUS, function="g")])
def test_what_came_out_right_or_is_another_function_is_not_told(check):
    assert refuted([CLEAN], Proof((check,), ())) == ()
