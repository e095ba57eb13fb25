"""Small edits of upstream's own code: whether VMX is on where a SEAMCALL is made."""

import pytest

from tests.kernel.mutation import alarms, caught, findings, lines_of, table

EDITS = [
    pytest.param(mutant, depth, id=f"{depth}-{at}-{mutant.name}", marks=mutant.marks)
    for at, mutant in enumerate(table("vmx.yml"))
    for depth in mutant.depths
]


@pytest.mark.parametrize(("mutant", "depth"), [each for each in EDITS if each.values[0].rule])
def test_a_defect_is_flagged_where_it_stands(kernel, mutant, depth):
    found = findings(kernel, mutant, depth)

    assert caught(mutant, found, lines_of(kernel, mutant)), [
        (each.rule, each.place.line) for each in found
    ]


@pytest.mark.parametrize(("mutant", "depth"), [each for each in EDITS if not each.values[0].rule])
def test_a_harmless_edit_raises_nothing(kernel, mutant, depth):
    assert [each.message for each in alarms(findings(kernel, mutant, depth))] == []
