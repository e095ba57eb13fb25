"""Small edits of Linux 7.3's host code: cleanup.h, core VMX, the update of the module, KVM."""

import pytest

from tests.kernel.mutation import alarms, caught, findings, lines_of, table

EDITS = [
    pytest.param(mutant, depth, id=f"{depth}-{at}-{mutant.name}", marks=mutant.marks)
    for at, mutant in enumerate(table("linux-7.yml"))
    for depth in mutant.depths
]


def skip_unless_it_fits(kernel, mutant):
    if mutant.find not in (kernel / mutant.path).read_text(encoding="utf-8"):
        pytest.skip(f"{mutant.path} of this kernel has other code there")


@pytest.mark.parametrize(("mutant", "depth"), [each for each in EDITS if each.values[0].rule])
def test_a_defect_is_flagged_where_it_stands(kernel_7, mutant, depth):
    skip_unless_it_fits(kernel_7, mutant)

    found = findings(kernel_7, mutant, depth)

    assert caught(mutant, found, lines_of(kernel_7, mutant)), [
        (each.rule, each.place.line) for each in found
    ]


@pytest.mark.parametrize(("mutant", "depth"), [each for each in EDITS if not each.values[0].rule])
def test_a_harmless_edit_raises_nothing(kernel_7, mutant, depth):
    skip_unless_it_fits(kernel_7, mutant)

    assert [each.message for each in alarms(findings(kernel_7, mutant, depth))] == []
