import pytest

from tdxreview.revisions.compare import compare
from tdxreview.revisions.substance import substance

BODY = ["+int lp_start(void)", "+{", "+\tu64 err = seamcall(LP_INIT);", "+\treturn err;", "+}"]


def telling(make_series, before, after):
    old = make_series(("a: b c", {"tdx.c": before}))
    new = make_series(("a: b c", {"tdx.c": after}))
    return [
        (each.side, each.line.text.strip())
        for file in substance(compare(old, new).pairs[0].interdiff)
        for each in file.lines
    ]


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("comment", [*BODY[:2], "+\t/* On this CPU. */", *BODY[2:]]),
        ("block comment", [*BODY[:2], "+\t/*", "+\t * On this CPU.", "+\t */", *BODY[2:]]),
        ("trailing comment", [*BODY[:3], "+\treturn err; /* 0 or not */", "+}"]),
        ("blank line", [*BODY[:3], "+", *BODY[3:]]),
        ("include", ["+#include <asm/tdx.h>", "+", *BODY]),
        ("wrapped", [*BODY[:2], "+\tu64 err =", "+\t\tseamcall(LP_INIT);", *BODY[3:]]),
        (
            "variable renamed",
            [*BODY[:2], "+\tu64 ret = seamcall(LP_INIT);", "+\treturn ret;", "+}"],
        ),
        ("function renamed", ["+int tdx_lp_start(void)", *BODY[1:]]),
    ],
)
def test_cosmetics_are_no_substance(make_series, name, after):
    assert telling(make_series, BODY, after) == [], name


def test_a_function_that_moved_within_the_patch_is_no_substance(make_series):
    other = ["+int other(void)", "+{", "+\treturn 1 + 1;", "+}"]

    assert telling(make_series, [*BODY, *other], [*other, *BODY]) == []


@pytest.mark.parametrize(
    ("name", "after", "found"),
    [
        (
            "another function is called",
            [*BODY[:2], "+\tu64 err = seamcall_ret(LP_INIT);", *BODY[3:]],
            [("-", "u64 err = seamcall(LP_INIT);"), ("+", "u64 err = seamcall_ret(LP_INIT);")],
        ),
        (
            "the status is dropped",
            [*BODY[:3], "+\treturn 0;", "+}"],
            [("-", "return err;"), ("+", "return 0;")],
        ),
    ],
)
def test_what_the_code_does_is_substance(make_series, name, after, found):
    assert telling(make_series, BODY, after) == found, name


def test_documentation_is_no_code(make_series):
    old = make_series(("a: b c", {"tdx.rst": ["+One."]}))
    new = make_series(("a: b c", {"tdx.rst": ["+Two."]}))

    assert substance(compare(old, new).pairs[0].interdiff) == ()


def test_a_dereference_is_no_comment(make_series):
    assert telling(make_series, ["+\t*val = args.r8;"], ["+\t*val = args.r9;"]) == [
        ("-", "*val = args.r8;"),
        ("+", "*val = args.r9;"),
    ]
