"""What code runs, and what it only names."""

import pytest

from tdxreview.cfront.parser import statements
from tdxreview.program.running import keeper_of, kept_in, run_in
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text


def body(code):
    (function,) = unit(image_of_text("a.c", f"void g(void)\n{{\n\t{code}\n}}\n")).functions
    return function.body


@pytest.mark.parametrize(
    ("code", "run"),
    [
        ("f(1);", {"f"}),
        ("return x ? f() : h(f2);", {"f", "h"}),
        ("DO_ALL;", {"DO_ALL"}),
        ("for_each_it(i) h();", {"for_each_it", "h"}),
        ("ops.link = f;", set()),
        ("if (ops.link == f) return f;", set()),
        ("ops->link(f);", set()),
        ("typeof(f) *x = &f;", set()),
    ],
)
def test_what_is_called_is_run_and_what_is_named_is_not(code, run):
    assert run_in(body(code)) == run


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("ops.link = f;", {"link": {"f"}}),
        ("p->in.link = &f;", {"link": {"f"}}),
        ("fn_t fn = x ? f : h;", {"fn": {"f", "h"}}),
        ("all[2] = (fn_t)f;", {"all": {"f"}}),
        ("*slot = f;", {"slot": {"f"}}),
        ("fn_t all[] = { f, [3] = h };", {"all": {"f", "h"}}),
        ("struct ops o = { .link = f, .in = { .end = h } };", {"link": {"f"}, "end": {"h"}}),
        ("o = (struct ops){ .link = f };", {"link": {"f"}}),
        ("a.link = b.link = f;", {"link": {"f"}}),
        ("x += f;", {}),
        ("h(f);", {}),
    ],
)
def test_a_name_is_kept_by_the_member_or_variable_that_it_is_put_into(code, kept):
    assert kept_in(body(code)) == kept


@pytest.mark.parametrize(
    ("code", "keeper"),
    [
        ("o->link(1);", "link"),
        ("(*o.link)(1);", "link"),
        ("all[i](1);", "all"),
        ("all[i].run(1);", "run"),
        ("find(x)->run(1);", "run"),
        ("find(x)(1);", ""),
    ],
)
def test_a_call_through_a_pointer_goes_by_what_keeps_it(code, keeper):
    call = statements(code)[0].value

    assert keeper_of(call.function) == keeper
