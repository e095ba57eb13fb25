import pytest

from tdxreview.dataflow.domains.signs import (
    ANYTHING,
    NEGATIVE,
    TRUE,
    ZERO,
    Signs,
    Value,
    combined,
    compared,
    negated,
    opposite,
    truth,
)


@pytest.mark.parametrize(
    ("op", "left", "right", "decided"),
    [
        ("<", NEGATIVE, ZERO, True),
        ("<", TRUE, ZERO, False),
        (">=", NEGATIVE, ZERO, False),
        ("==", ZERO, NEGATIVE, False),
        ("!=", TRUE, NEGATIVE, True),
        ("==", NEGATIVE, NEGATIVE, None),
        ("<", ANYTHING, ZERO, None),
        (">", ZERO, NEGATIVE, True),
    ],
)
def test_a_comparison_is_decided_where_the_signs_decide_it(op, left, right, decided):
    assert decided is compared(op, left, right).decided


def test_or_is_zero_only_if_both_are():
    maybe = Value(Signs.ZERO | Signs.NEGATIVE)

    assert combined("|", ZERO, NEGATIVE) == NEGATIVE
    assert combined("|", ZERO, ZERO) == ZERO
    assert combined("|", TRUE, NEGATIVE) == NEGATIVE
    assert maybe == combined("|", maybe, ZERO)


def test_minus_turns_the_signs_round():
    assert opposite(TRUE) == NEGATIVE
    assert opposite(ZERO) == ZERO


def test_a_truth_value_has_no_negative_sign():
    assert truth(NEGATIVE) == TRUE
    assert negated(NEGATIVE) == ZERO
    assert Value(Signs.ZERO | Signs.POSITIVE) == truth(ANYTHING)


def test_what_is_computed_from_a_result_is_tied_to_it():
    tied = Value(Signs.NEGATIVE, tied=True)

    assert compared("==", tied, TRUE).tied
    assert combined("|", ZERO, tied).tied
    assert negated(tied).tied
