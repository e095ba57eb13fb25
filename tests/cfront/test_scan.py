import pytest

from tdxreview.cfront.scan import LONGEST_CALL, arguments_at, closing


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("f(a, b)", ("a", "b")),
        ("f(a, sizeof(struct x), c)", ("a", "sizeof(struct x)", "c")),
        ("f(x[1, 2],\n\ty)", ("x[1, 2]", "y")),
        ("f()", ("",)),
    ],
)
def test_arguments_are_split_at_the_outer_commas(text, arguments):
    assert arguments == arguments_at(text, 2)


def test_a_call_that_does_not_close_has_no_arguments():
    assert arguments_at("f(a, b", 2) == ()
    assert arguments_at(f"f({'a' * LONGEST_CALL})", 2) == ()


def test_a_bracket_is_looked_for_no_further_than_allowed():
    assert closing("{ab}", 1, 10) == 3
    assert closing("{abcdef}", 1, 3) == 4
