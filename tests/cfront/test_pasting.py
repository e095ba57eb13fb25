"""Names that macros put together."""

import pytest

from tdxreview.cfront.pasting import pasting_macros, split, written_out

MACROS = {
    **pasting_macros(),
    "CAT_": [(("a", "b"), " a ## b")],
    "CAT": [(("a", "b"), " CAT_(a, b)")],
    "PRE": [(("x",), " sea##x(1)")],
    "MANY": [(("first", "rest..."), " first##call(rest)")],
    "BOTH": [(None, " one"), (None, " sea /* x */ ## \\\ncall")],
    "LOOP": [(("x",), " LOOP(x##x)")],
}


@pytest.mark.parametrize(
    ("name", "arguments", "last"),
    [
        ("CAT", "sea, call", "seacall"),
        ("CONCATENATE", "sea, call", "seacall"),
        ("PRE", "call", "seacall(1)"),
        ("MANY", "sea, 1, f(2, 3)", "seacall(1,f(2, 3))"),
        ("BOTH", "", "seacall"),
    ],
)
def test_a_pasted_name_can_be_read(name, arguments, last):
    assert list(written_out(name, arguments, MACROS))[-1].strip() == last


def test_a_macro_that_calls_itself_ends():
    assert len(list(written_out("LOOP", "ab", MACROS))) == 7


def test_arguments_are_split_at_the_commas_outside_of_brackets():
    assert split("a, f(b, c), {d, e}") == ["a", "f(b, c)", "{d, e}"]
