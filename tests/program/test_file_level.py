"""What stands outside of functions."""

import pytest

from tdxreview.cfront import ir
from tdxreview.program.file_level import file_level, initialised, placed_in, structure_of


def told(text):
    return [
        (top.line, getattr(top.node, "name", ""), top.call.name if top.call else "")
        for top in file_level(text)
    ]


@pytest.mark.parametrize(
    ("text", "tops"),
    [
        ("DEFINE_X(a, f);\n", [(0, "DEFINE_X", "DEFINE_X")]),
        ("\nstatic DEFINE_X(a,\n\tf);\n", [(1, "DEFINE_X", "DEFINE_X")]),
        ("struct x y = X_INIT(f);\n", [(0, "y", "X_INIT")]),
        ("static struct x y __initdata = {\n\t.a = f,\n};\n", [(0, "y", "")]),
        ("static int x(void)\n{\n\tint a = 1;\n}\n", []),
        ("int x(int a)\n{\n}\n", []),
        ("\tDEFINE_X(a, f);\n", []),
        ("#define Y x = { 1 }\n", []),
        ("struct x y = {\n", [(0, "y", "")]),
        ("DEFINE_X(a)\nint y = 1;\n", [(0, "DEFINE_X", "DEFINE_X"), (1, "y", "")]),
        ("static const struct x\ny = {\n};\n", [(0, "y", "")]),
    ],
)
def test_objects_and_macro_calls_at_the_left_margin(text, tops):
    assert told(text) == tops


def test_names_stand_with_their_member_and_line():
    text = "struct o x = {\n\t.a = f,\n\t.in = {\n\t\t.b = &g,\n\t},\n\t.c = op(h),\n};\n"
    ((line, table),) = initialised(text)

    found = [(each.member, each.name, each.line) for each in placed_in(table.initial, line)]
    assert found == [("a", "f", 1), ("b", "g", 3), ("c", "op(h)", 5)]


@pytest.mark.parametrize(
    ("kind", "structure"),
    [("struct ops", "ops"), ("const struct ops *", "ops"), ("int", ""), ("struct", "")],
)
def test_a_table_is_of_a_structure(kind, structure):
    span = ir.Span(0, 0, 0, 0)

    assert structure_of(ir.Declare(span, kind, "x", None)) == structure
