"""A jump runs what stands at the end of the scopes that it leaves, and of no other."""

import pytest

from tdxreview.cfront import ir
from tdxreview.dataflow.actions import Cleanup
from tdxreview.dataflow.cfg import EXIT, flow
from tdxreview.dataflow.scopes import left_by_jump
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text


def ways(code):
    """Give the calls and ends of scopes on every way to the end."""
    text = "int f(void)\n{\n" + code + "\n}\n"
    graph = flow(unit(image_of_text("a.c", text)).functions[0].body)
    found, todo = set(), [(graph.entry, (), ())]
    while todo:
        at, names, seen = todo.pop()
        action = graph.points[at].action
        if isinstance(action, Cleanup):
            names = (*names, "end")
        elif isinstance(action, ir.Evaluate) and isinstance(action.value, ir.Call):
            names = (*names, action.value.name or "guard")
        if at == EXIT:
            found.add(" ".join(names))
        todo += [
            (edge.target, names, (*seen, edge.target))
            for edge in graph.points[at].edges
            if seen.count(edge.target) < 2
        ]
    return found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("\tscoped_guard(x, &l) {\n\t\ta();\n\t\tgoto out;\n\t}\nout:\n\tb();", {"a end b"}),
        ("\tguard(x)(&l);\n\ta();\n\tgoto out;\nout:\n\tb();", {"guard a b end"}),
        (
            "\tguard(x)(&l);\n\tscoped_guard(y, &m) {\n\t\ta();\n\t\tgoto out;\n\t}\nout:\n\tb();",
            {"guard a end b end"},
        ),
        (
            "\tscoped_guard(x, &l) {\nagain:\n\t\ta();\n\t\tif (y)\n\t\t\tgoto again;\n\t}\n\tb();",
            {"a end b", "a a end b"},
        ),
        ("\t{\n\t\tguard(x)(&l);\n\t\tgoto in;\n\t}\nin:\n\tb();", {"guard end b"}),
    ],
    ids=["out of a block", "within a scope", "out of the inner one", "back inside", "out of {}"],
)
def test_goto_ends_the_scopes_that_it_leaves(code, expected):
    """include/linux/cleanup.h: the compiler runs it on every way out of the scope."""
    assert ways(code) == expected


def test_what_is_left_is_all_behind_the_common_part():
    """A jump into a scope opens nothing: the compiler refuses it over a guard."""
    span = ir.Span(1, 0, 1, 1)
    one, two, other = (ir.Evaluate(span, ir.Name(span, name)) for name in ("a", "b", "c"))

    assert left_by_jump((one, two), (one, other)) == (two,)
    assert left_by_jump((one,), (one, two)) == ()
