"""Which variables a path is decided by again."""

import pytest

from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.recurring import recurring
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("if (a) f(); g();", set()),
        ("if (a) f(); if (!a) g();", {"a"}),
        ("if (a->b) f(); if (a->c) g();", {"a"}),
        ("bool a = false; if (x) a = true; if (a) g();", {"a"}),
        ("int a = h(); if (a) g();", set()),
        ("switch (a) { case 1: f(); } if (a) g();", {"a"}),
        ("if (f(a)) g(); if (f(b)) g();", set()),
    ],
)
def test_what_is_asked_again_or_set_by_hand_is_remembered(body, expected):
    (function,) = unit(image_of_text("a.c", f"void v(int a)\n{{\n{body}\n}}\n")).functions

    assert recurring(flow(function.body)) == expected
