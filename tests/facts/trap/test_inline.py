"""What C code behind inline assembly can still put right."""

import pytest

from tdxreview.asm.inline_statement import AsmStatement
from tdxreview.asm.layout import build_program
from tdxreview.facts.trap.diagnosis import Diagnosis, Fault
from tdxreview.facts.trap.inline import _seen_from_c
from tdxreview.facts.trap.schema import TrapStatus


def no_names(_name):
    return None


def left(value, after):
    fault = Fault("trap_status", value, 0)
    statement = AsmStatement("f", 3, 9, (), (), (), (), (), after)
    program = build_program((), no_names)
    return _seen_from_c(Diagnosis(faults=[fault]), statement, program).faults == [fault]


@pytest.mark.parametrize(
    ("value", "after", "stays"),
    [
        (TrapStatus.RAW, "if (ret == X86_TRAP_UD) return -EIO;", False),
        (TrapStatus.RAW, "return ret;", True),
        (TrapStatus.NARROWED, "if (ret == X86_TRAP_UD) return -EIO;", True),
        (TrapStatus.OVERWRITTEN, "if (ret == TDX_SEAMCALL_UD) return -EIO;", True),
    ],
)
def test_c_that_tests_trap_numbers_makes_a_raw_one_right(value, after, stays):
    """A number that was cut or overwritten is lost, whatever is tested."""
    assert left(value, after) is stays
