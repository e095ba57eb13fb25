import pytest

from tdxreview.report.excerpt import excerpt
from tdxreview.source.place import Place


@pytest.fixture
def draw():
    """Give what an excerpt looks like; lines of spaces end where their text ends."""

    def drawn(code, *, width=80, sign="+", **place):
        where = Place(**({"path": "tdx.c", "line": 10, "end_line": 10} | place))
        rows = excerpt(code, where, width=width, sign=sign, style="red")
        return [row.plain.rstrip() for row in rows]

    return drawn


def test_the_mark_is_under_the_columns_behind_tabs(draw, code):
    shown = draw(code(9, " void f(void)", "+\tu64 r = seamcall(fn);"), column=9, end_column=17)

    assert shown == [
        "     9   void f(void)",
        "    10 +         u64 r = seamcall(fn);",
        "                         ^^^^^^^^",
    ]


def test_the_mark_is_right_behind_wide_characters(draw, code):
    shown = draw(code(10, "+/* 黄凯 */ seamcall(fn);"), column=9, end_column=17)

    assert shown == ["    10 + /* 黄凯 */ seamcall(fn);", "                    ^^^^^^^^"]


def test_the_mark_is_right_behind_a_tab_in_the_middle(draw, code):
    shown = draw(code(10, "+int\tr = f();"), column=8, end_column=11)

    assert shown == ["    10 + int     r = f();", "                     ^^^"]


def test_a_place_without_columns_is_the_text_of_its_line(draw, code):
    assert draw(code(10, "+\tseamcall(fn);")) == [
        "    10 + seamcall(fn);",
        "         ^^^^^^^^^^^^^",
    ]


def test_common_indentation_is_left_out(draw, code):
    shown = draw(code(9, "+\t\tif (r)", "+\t\t\treturn r;"), column=3, end_column=9)

    assert shown == [
        "     9 + if (r)",
        "    10 +         return r;",
        "                 ^^^^^^",
    ]


def test_removed_code_has_a_minus(draw, code):
    assert draw(code(10, "+\tx();"), sign="-")[0] == "    10 - x();"


def test_two_lines_before_and_one_after_are_enough(draw, code):
    shown = draw(code(6, " a", " b", " c", " d", "+e", " f", " g"))

    assert shown == [
        "     8   c",
        "     9   d",
        "    10 + e",
        "         ^",
        "    11   f",
    ]


def test_a_long_place_is_cut(draw, code):
    shown = draw(code(10, *["+x;"] * 40), end_line=49)

    assert shown == ["    10 + x;", "         ^^"] + [f"    {n} + x;" for n in range(11, 16)] + [
        "         …"
    ]


def test_a_long_line_is_cut_and_so_is_its_mark(draw, code):
    shown = draw(code(10, "+\tseamcall(" + "a, " * 30 + "b);"), width=40, column=1, end_column=110)

    assert shown == [
        "    10 + seamcall(a, a, a, a, a, a, a,…",
        "         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    ]


def test_a_mark_far_to_the_right_is_brought_into_view(draw, code):
    text = "+" + "x" * 100 + "bad" + "y" * 10

    assert draw(code(10, text), width=40, column=100, end_column=103) == [
        "    10 + xxxxxxxxxxxxxxxbadyyyyyyyyyy",
        "                        ^^^",
    ]


def test_escape_sequences_in_code_do_not_move_the_mark(draw, code):
    shown = draw(code(10, "+\x1b[2J\tbad();"), column=5, end_column=8)

    assert shown == ["    10 + [2J     bad();", "                 ^^^"]


def test_columns_outside_the_line_do_no_harm(draw, code):
    assert draw(code(10, "+x;"), column=50, end_column=60) == ["    10 + x;", "         ^^"]


def test_without_code_there_is_nothing_to_show(draw):
    assert draw(()) == []
