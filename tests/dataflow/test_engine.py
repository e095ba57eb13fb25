"""Paths of a function: which there are, and what conditions leave of them."""

from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from tdxreview.cfront import ir
from tdxreview.dataflow.cfg import flow
from tdxreview.dataflow.engine import Walk
from tdxreview.dataflow.environment import Environment
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text


class Trace(Environment, frozen=True):
    """The calls on a path."""

    names: tuple[str, ...] = ()


@dataclass
class Calls(Walk[Trace]):
    """Collects the calls of every path."""

    ends: set = field(default_factory=set)

    def reached(self, node, state):
        """Note a call."""
        return replace(state, names=(*state.names, node.name))

    def left(self, state):
        """Note a path."""
        self.ends.add(" ".join(state.names))


def walked(body, most=500):
    code = f"int v(int a, int b, struct s *p)\n{{\n{body}\n}}\n"
    (function,) = unit(image_of_text("a.c", code)).functions
    walk = Calls(flow(function.body))
    return walk.ends if walk.followed(Trace(), most) else None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("if (a) f(); if (a) g();", {"f g", ""}),
        ("if (a) f(); if (a != 0) g();", {"f g", ""}),
        ("if (a) f(); if (!a) g();", {"f", "g"}),
        ("if (a == true) f(); if (a) g();", {"f g", ""}),
        ("if (a > 0) f(); if (a <= 0) g();", {"f", "g"}),
        ("if (p) f(); if (p != NULL) g();", {"f g", ""}),
        ("if (p->x) f(); if (!p->x) g();", {"f", "g"}),
        ("if (a == 3) f(); if (a == 3) g();", {"f g", ""}),
        ("if (a) f(); a = b; if (a) g();", {"f g", "f", "g", ""}),
        ("if (a) f(); h(&a); if (a) g();", {"f h g", "f h", "h g", "h"}),
        ("b = 0; if (a) { b = 1; f(); } if (b) g();", {"f g", ""}),
        ("if (a && b) f(); if (a) g();", {"f g", "g", ""}),
        ("if (WARN_ON(!a)) return f(); if (a) g();", {"WARN_ON f", "WARN_ON g"}),
        ("a = f() ?: g();", {"f", "f g"}),
        ("switch (a) { case 0: f(); break; default: g(); } if (a) h();", {"f", "g h"}),
    ],
)
def test_a_condition_narrows_the_paths_behind_it(body, expected):
    assert walked(body) == expected


def test_too_many_paths_are_no_answer():
    body = "\n".join(f"if (f{n}()) g();" for n in range(12))

    assert walked(body) is None


def test_every_call_is_met_with_its_own_node():
    code = "int v(void)\n{\n\treturn f() + f();\n}\n"
    (function,) = unit(image_of_text("a.c", code)).functions
    met = []

    class Nodes(Walk[Environment]):
        def reached(self, node: ir.Call, state):
            met.append(node.span.column)
            return state

    assert Nodes(flow(function.body)).followed(Environment(), 100)
    assert met == [8, 14]
