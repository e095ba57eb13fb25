"""Where code chooses what to do by a value."""

import pytest

from tdxreview.cfront import ir
from tdxreview.dataflow.branches_by_value import choices
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text


def chosen(body):
    code = f"int f(int x, struct s *s, bool lead)\n{{\n{body}\n}}\n"
    (function,) = unit(image_of_text("a.c", code)).functions
    return [
        (
            each.value,
            [
                (*branch.constants, *(call.name for part in branch.body for call in ir.calls(part)))
                for branch in each.branches
            ],
        )
        for each in choices(function.body.block)
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "switch (x) { case A: a(); break; case B: b(); break; default: break; }",
            [("x", [("A", "a"), ("B", "b"), ()])],
        ),
        (
            "switch (s->x) { case A: a(); case B: case C: b(); return 0; default: c(); }",
            [("s->x", [("A", "a", "b"), ("B", "C", "b"), ("c",)])],
        ),
        ("if (x == A) a(); else if (x == B) b(); else c();", [("x", [("A", "a"), ("B", "b")])]),
        (
            "if (x == A && lead) a(); else if (lead && x == B) b();",
            [("x", [("A", "a"), ("B", "b")])],
        ),
        ("if (x == A) a(); else if (y == B) b();", []),
        ("if (x == A) a(); else b();", []),
        ("if (x) a(); else if (lead) b();", []),
        ("if (x == lead) a(); else if (x == other) b();", []),
    ],
)
def test_branches_stand_with_their_constants(body, expected):
    assert chosen(body) == expected


def test_what_else_has_to_hold_is_kept():
    code = "void f(int x, bool lead)\n{\n\tif (x == A && lead) a(); else if (x == B) b();\n}\n"
    (function,) = unit(image_of_text("a.c", code)).functions
    ((first, second),) = (each.branches for each in choices(function.body.block))

    assert [ir_name(each) for each in first.also] == ["lead"]
    assert second.also == ()


def ir_name(node):
    return node.id
