"""Answers to failures are told with what callers take them for."""

import pytest

from tdxreview.facts.status.schema import After, Gives, Promise
from tests.facts.c_facts import line_of, subjects


def answers(code):
    return [each for each in subjects("use", code) if each.after is After.FAILURE]


START = "(u64 tdr)\n{\n\tstruct tdx_module_args args = { .rcx = tdr };\n"


@pytest.mark.parametrize(
    ("head", "returned", "promised"),
    [
        ("int start", "ret", Promise.ERRNO),
        ("int nr_started", "ret", Promise.INT),
        ("int start", "started", Promise.INT),
        ("u64 start", "ret", Promise.DATA),
        ("bool start", "ret", Promise.TRUTH),
        ("struct td *start", "ret", Promise.UNKNOWN),
        ("struct td *start", "ERR_PTR(ret)", Promise.ERRNO),
    ],
)
def test_the_promise_is_read_off_type_name_and_what_is_returned(head, returned, promised):
    name = returned.removeprefix("ERR_PTR(").rstrip(")")
    code = (
        f"{head}{START}\tint {name} = 0;\n\n\tif (seamcall(TDH_MNG_INIT, &args))\n\t\tgoto out;\n"
        f"\t{name} = note_td(tdr);\nout:\n\treturn {returned};\n}}\n"
    )

    (found,) = answers(code)

    assert (found.promise, found.gives) == (promised, Gives.ZERO)


def test_an_answer_stands_at_the_way_out_and_shows_the_call_and_the_return():
    code = (
        f"int start{START}\tint ret = 0;\n\n\tif (seamcall(TDH_MNG_INIT, &args))\n\t\tgoto out;\n"
        "\tret = note_td(tdr);\nout:\n\treturn ret;\n}\n"
    )

    (found,) = answers(code)

    assert (found.source, found.leaf) == ("seamcall()", "TDH.MNG.INIT")
    assert found.place.line == line_of(code, "goto out")
    assert [(step.line, step.text) for step in found.steps("gives")] == [
        (line_of(code, "if (seamcall"), "seamcall() fails"),
        (line_of(code, "goto out"), "the way out after the failure"),
        (line_of(code, "return ret"), "on this path it returns 0"),
    ]


def test_a_macro_with_the_status_of_a_seamcall_is_a_step_as_well():
    code = (
        "#define kicked(fn, ...) ({ u64 s = fn(__VA_ARGS__); if (s) s = fn(__VA_ARGS__); s; })\n"
        "int track(struct tdx_td *td)\n{\n\tint ret = 0;\n\n\tif (kicked(tdh_mem_track, td))\n"
        "\t\tgoto out;\n\tret = note_td(td);\nout:\n\treturn ret;\n}\n"
    )

    (found,) = answers(code)

    assert (found.source, found.gives) == ("kicked()", Gives.ZERO)


def test_a_function_on_no_way_to_a_seamcall_is_not_asked():
    code = "int f(void)\n{\n\tint ret = 0;\n\n\tif (!kzalloc(8, GFP_KERNEL))\n\t\tgoto out;\n"
    code += "\tret = g();\nout:\n\treturn ret;\n}\n"

    assert answers(code) == []


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("err ? 0 : args.r8", [Gives.ZERO]),
        ("!err ? args.r8 : 0", [Gives.ZERO]),
        ("err ? ~0ULL : args.r8", []),
        ("err == TDX_OPERAND_BUSY ? 0 : args.r8", []),
        ("known ? 0 : args.r8", []),
        ("code_of(err) ? 1 : 0", []),
    ],
)
def test_a_return_may_choose_by_the_failure_itself(returned, expected):
    code = (
        f"u64 start{START}\tu64 err = seamcall_ret(TDH_SYS_RD, &args);\n\n"
        f"\treturn {returned};\n}}\n"
    )

    found = [each for each in answers(code) if each.gives is Gives.ZERO]

    assert [each.gives for each in found] == expected
    assert {each.place.line for each in found} <= {line_of(code, "return")}
