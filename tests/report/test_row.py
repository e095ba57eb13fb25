"""A row is what its pieces are, and is cut by columns."""

import pytest

from tdxreview.report.coloured import text_of
from tdxreview.report.row import Row


def test_a_row_in_a_row_keeps_its_styles():
    inner = Row("b", "red").append("c")
    row = Row("a", "dim").append(inner).append("", "bold")

    assert row.pieces == [("a", "dim"), ("b", "red"), ("c", "")]
    assert row.plain == "abc"


@pytest.mark.parametrize(
    ("columns", "left"),
    [
        (6, [("abc", "dim"), ("def", "red")]),
        (5, [("abc", "dim"), ("d…", "red")]),
        (4, [("abc", "dim"), ("…", "red")]),
        (3, [("ab…", "dim")]),
        (1, [("…", "dim")]),
    ],
)
def test_a_cut_row_ends_in_an_ellipsis_of_the_style_that_was_there(columns, left):
    row = Row("abc", "dim").append("def", "red")
    row.cut(columns)

    assert row.pieces == left


def test_a_wide_character_that_fits_by_half_leaves_a_space():
    """A CJK character takes two columns."""
    row = Row("a漢字")
    assert row.columns == 5
    row.cut(3)

    assert row.plain == "a …"


def test_a_row_is_cut_as_rich_cuts_a_text():
    for columns in range(1, 12):
        row = Row("tdh_", "dim").append("漢 x", "red").append(" end ", "bold")
        text = text_of(row)
        row.cut(columns)
        text.truncate(columns, overflow="ellipsis")

        assert (row.plain, row.columns) == (text.plain, text.cell_len)
