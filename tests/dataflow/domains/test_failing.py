"""What is returned on the paths on which a step failed."""

import cProfile

import pytest

from tdxreview.dataflow.domains.failing import failures
from tdxreview.dataflow.domains.failing_state import Answered, Fails
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text

STEPS = (("alloc", Fails.NULL), ("call", Fails.STATUS), ("errno_call", Fails.ERRNO))


def answered(lines, head="int f(struct td *td)"):
    text = f"{head}\n{{\n{lines}\n}}\n"
    (function,) = unit(image_of_text("a.c", text)).functions
    found = failures(function.text, STEPS).answers
    return [(each.step.line, each.way.line, each.leaving.line, each.gives) for each in found]


def lines(*code):
    return "\n".join(("\tint ret;", *code))


@pytest.mark.parametrize(
    ("before", "test", "gives"),
    [
        ("ret = 0;", "if (call())", Answered.ZERO),
        ("ret = 1;", "if (call())", Answered.POSITIVE),
        ("", "if (call())", Answered.NEVER_SET),
        ("ret = other(); if (ret) return ret;", "if (call())", Answered.ZERO),
        ("ret = other(); if (ret < 0) return ret;", "if (call())", Answered.ZERO),
        ("ret = 0;", "if (WARN_ON_ONCE(call() != 0))", Answered.ZERO),
        ("ret = 0; u64 err = call();", "if (err && td->on)", Answered.ZERO),
        ("ret = 0; u64 err;", "if ((err = call()) != TDX_SUCCESS)", Answered.ZERO),
        ("ret = 0;", "if (!td->off && !alloc())", Answered.ZERO),
        ("ret = 0;", "if (errno_call() < 0)", Answered.ZERO),
        ("ret = 0;", "if (IS_ERR(td->page))", Answered.ZERO),
    ],
)
def test_what_is_known_of_the_returned_variable_is_the_answer(before, test, gives):
    code = lines(f"\t{before}", f"\t{test}", "\t\tgoto out;", "\tret = work(td);", "out:")

    assert [found[1:] for found in answered(code + "\n\treturn ret;")] == [(5, 8, gives)]


@pytest.mark.parametrize(
    ("before", "test"),
    [
        ("ret = -EIO;", "if (call())"),
        ("ret = other();", "if (call())"),
        ("ret = 0; u64 err = call();", "if (err == TDX_SOME_CODE)"),
        ("ret = 0; u64 err = call();", "if (td_is_elsewhere(err))"),
        ("ret = 0; u64 err = call();", "if (err & 1)"),
        ("ret = 0; td->err = call();", "if (td->err)"),
        ("set(&ret);", "if (call())"),
        ("ret = 0;", "if (note(call(), &ret))"),
        ("ret = errno_call();", "if (ret)"),
        ("ret = to_errno(call());", "if (ret)"),
        ("ret = 0;", "if (other())"),
    ],
)
def test_what_is_no_answer_to_a_failure_is_not_told(before, test):
    code = lines(f"\t{before}", f"\t{test}", "\t\tgoto out;", "\tret = work(td);", "out:")

    assert answered(code + "\n\treturn ret;") == []


@pytest.mark.parametrize(
    "inside",
    ["td->err = err;", "td_bugged(td, err);", "atomic_inc(&td->failures);", "WRITE_ONCE(*td, 1);"],
)
def test_a_failure_that_is_handed_on_is_answered(inside):
    code = lines("\tu64 err = call();", "\tret = 0;", "\tif (err) {", f"\t\t{inside}")

    assert answered(code + "\n\t\tgoto out;\n\t}\n\tret = work(td);\nout:\n\treturn ret;") == []


@pytest.mark.parametrize("inside", ["td->page = NULL;", 'pr_err("%llx", err);', "free_it(td);"])
def test_cleaning_up_and_printing_hands_nothing_on(inside):
    code = lines("\tu64 err = call();", "\tret = 0;", "\tif (err) {", f"\t\t{inside}")
    code += "\n\t\tgoto out;\n\t}\n\tret = work(td);\nout:\n\treturn ret;"

    assert answered(code) == [(3, 7, 11, Answered.ZERO)]


def test_where_the_function_goes_on_as_after_success_the_failure_is_none():
    said = '\tif (call())\n\t\tpr_info("no such field");\n\tset_up_the_rest(td);\n\treturn 0;'
    silent = "\tif (!call())\n\t\ttd->on = true;\n\treturn 0;"
    alone = '\tif (call())\n\t\tpr_err("failed");\n\tunlock(td);\n\treturn 0;'

    assert [answered(each) for each in (said, silent)] == [[], []]
    assert answered(alone) == [(2, 3, 5, Answered.ZERO)]


def test_the_second_try_counts():
    code = "\tu64 err = call();\n\tif (err)\n\t\terr = call();\n"
    code += "\tif (err)\n\t\treturn -EIO;\n\treturn 0;"

    assert answered(code) == []


def test_behind_an_if_that_goes_on_in_the_loop_the_rest_is_the_way_out():
    code = "\tint ret = 0, i;\n\tfor (i = 0; i < 3; i++) {\n\t\tif (!call())\n\t\t\tcontinue;\n"
    code += '\t\tpr_err("failed");\n\t\tgoto unlock;\n\t}\nunlock:\n\treturn ret;'

    assert answered(code) == [(4, 7, 10, Answered.ZERO)]


def test_behind_an_if_that_leaves_after_success_the_rest_is_the_way_out():
    code = lines("\tret = 0;", "\tif (call() == TDX_SUCCESS)", "\t\tgoto out;")
    code += '\n\tpr_err("failed");\n\tfree_it(td);\nout:\n\treturn ret;'

    assert answered(code) == [(4, 6, 9, Answered.ZERO)]


def test_labels_of_a_switch_pick_codes_and_the_default_is_the_failure():
    code = lines("\tswitch (call()) {", "\tcase TDX_SUCCESS:", "\t\tret = 0;", "\t\tbreak;")
    code += "\n\tcase TDX_SOME_CODE:\n\t\tret = 0;\n\t\tbreak;"
    code += '\n\tdefault:\n\t\tpr_err("failed");\n\t}\n\treturn ret;'

    assert answered(code) == [(3, 10, 13, Answered.NEVER_SET)]


def test_a_pointer_made_of_0_is_an_answer_and_no_pointer_is_none():
    made = (
        "\tint ret = 0;\n\tif (call())\n\t\tgoto out;\n\treturn td;\nout:\n\treturn ERR_PTR(ret);"
    )
    none = "\tstruct page *page = alloc();\n\tif (!page)\n\t\treturn page;\n\treturn page;"

    assert answered(made, "struct td *f(struct td *td)") == [(3, 4, 7, Answered.ZERO)]
    assert answered(none, "struct page *f(void)") == []


def test_each_way_out_is_an_answer_of_its_own_in_the_order_of_the_text():
    code = "\tint ret = 0;\n\tif (call())\n\t\tgoto out;\n\tif (!alloc())\n\t\tgoto out;\n"
    code += "\tret = work(td);\nout:\n\treturn ret;"

    assert answered(code) == [(3, 4, 9, Answered.ZERO), (5, 6, 9, Answered.ZERO)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("\treturn call() == TDX_SUCCESS;", True),
        ("\tif (call())\n\t\treturn false;\n\treturn true;", True),
        ("\treturn !errno_call();", True),
        ("\treturn !!call();", False),
        ("\tif (call())\n\t\treturn false;\n\treturn td->on;", False),
        ("\tif (!td)\n\t\treturn false;\n\treturn !call();", False),
        ("\treturn true;", False),
    ],
)
def test_a_truth_tells_a_failure_if_it_is_false_for_nothing_else(code, expected):
    (function,) = unit(image_of_text("a.c", f"bool f(struct td *td)\n{{\n{code}\n}}\n")).functions

    assert failures(function.text, STEPS).by_truth is expected


def work(size):
    """Count the calls of functions that it takes to follow so many steps between labels."""
    leaps = (f"l{at}: ret = call(); if (ret == {at}) goto l{at * 7 % size};" for at in range(size))
    (function,) = unit(image_of_text("a.c", f"int f(void)\n{{\n{lines(*leaps)}\n}}\n")).functions
    profile = cProfile.Profile()
    profile.runcall(failures, function.text, STEPS)
    return sum(entry.callcount for entry in profile.getstats())


def test_the_steps_before_a_place_are_not_counted_one_by_one():
    work(5)

    assert work(200) < 4.5 * work(50)
