"""Values: numbers, numbers for each status, signs, and what operators make of them."""

import pytest

from tdxreview.cfront.ctypes import INT, U64, CValue
from tdxreview.dataflow import values
from tdxreview.dataflow.domains.signs import ANYTHING, NEGATIVE, TRUE, ZERO, Value
from tdxreview.dataflow.domains.status_value import Constant, Form, Vector
from tdxreview.dataflow.environment import EVERY, Environment


def number(value, kind=INT):
    return values.known(Constant(CValue(value, kind)))


def vector(*numbers, origin=0, kind=U64):
    return values.known(Vector(origin, numbers, kind, Form.STATUS))


@pytest.mark.parametrize(
    ("op", "left", "right", "expected"),
    [
        ("+", number(2), number(3), number(5)),
        ("==", number(2), number(3), number(0)),
        ("<", NEGATIVE, ZERO, TRUE),
        ("|", ZERO, NEGATIVE, NEGATIVE),
        ("+", number(2), ANYTHING, ANYTHING),
        ("==", number(0), ZERO, TRUE),
    ],
)
def test_an_operator_computes_the_number_or_else_the_sign(op, left, right, expected):
    assert values.binary(op, left, right) == expected


def test_a_comparison_of_a_status_has_an_answer_for_each():
    asked = values.binary("==", vector(0, 5, 7), number(5, U64))

    assert values.vector_of(asked).numbers == (0, 1, 0)


def test_two_statuses_have_no_answer_together():
    assert values.binary("==", vector(0, 5), vector(0, 5, origin=1)).exact is None


@pytest.mark.parametrize(
    ("op", "operand", "expected"),
    [
        ("!", number(3), number(0)),
        ("-", number(3), number(-3)),
        ("-", NEGATIVE, TRUE),
        ("~", ZERO, Value()),
    ],
)
def test_an_operator_of_one_side_does_too(op, operand, expected):
    assert values.unary(op, operand) == expected


def test_a_cast_to_int_cuts_a_status():
    cut = values.vector_of(values.converted(vector(0, 0x8000020000000007), "int"))

    assert (cut.numbers, cut.form) == ((0, 7), Form.LOW)


def test_a_condition_leaves_the_statuses_for_which_it_holds():
    state = Environment(known=(("st", vector(0, 5, 7)),))
    failed = state.where(state.value("st"), taken=True)

    assert (state.statuses(0), failed.statuses(0)) == (EVERY, 0b110)
    assert failed.truth(failed.value("st")) is True
    assert failed.where(failed.value("st"), taken=False).impossible


def test_after_success_a_variable_holds_its_number():
    state = Environment(known=(("st", vector(0, 5, 7)),))

    assert state.where(state.value("st"), taken=False).value("st") == number(0, U64)


def test_a_condition_that_nobody_can_decide_leaves_a_doubt():
    open_ended = vector(0, None, 7)
    state = Environment().where(open_ended, taken=True)

    assert (state.statuses(0), state.doubted) == (0b110, frozenset({0}))
    assert Environment().where(open_ended, taken=False).statuses(0) == 0b011
