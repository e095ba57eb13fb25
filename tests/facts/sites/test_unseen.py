"""A SEAMCALL in C is a site, or it is named with its line."""

import pytest

from tdxreview.facts.collect import gather
from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.mail.intake import read_bytes
from tdxreview.rules.folders import bundled_folder
from tdxreview.series.build import build_series
from tdxreview.source.images import walk
from tdxreview.source.text import image_of_text

ABI = load_abi(bundled_folder())
BODY = "u64 go(void)\n{\n\tstruct tdx_module_args args = {};\n\n%s}\n"


def told(text):
    """Give the lines of the sites, and what is said of the rest."""
    facts = gather([image_of_text("g.c", text)], ABI)
    lines = [each.place.line for each in facts.subjects if isinstance(each, Site)]
    return lines, [each.reason for each in facts.not_examined]


@pytest.mark.parametrize(
    "callee",
    [
        "(__seamcall)",
        "(*__seamcall)",
        "(***__seamcall)",
        "(&__seamcall)",
        "(0, __seamcall)",
        "({ __seamcall; })",
        "((u64 (*)(u64, void *))__seamcall)",
    ],
)
def test_a_callee_is_known_behind_what_changes_nothing(callee):
    assert told(BODY % f"\treturn {callee}(TDH_SYS_INFO, &args);\n") == ([5], [])


def test_a_choice_of_callees_is_a_call_of_each():
    code = BODY % "\treturn (args.rcx ? __seamcall_ret : __seamcall)(TDH_SYS_INFO, &args);\n"

    assert told(code) == ([5, 5], [])


@pytest.mark.parametrize("operand", ["__seamcall(TDH_SYS_INFO, &args)", "__seamcall"])
def test_what_is_not_evaluated_makes_no_seamcall(operand):
    assert told(BODY % f"\treturn sizeof({operand});\n") == ([], [])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "static u64 r = __seamcall(TDH_SYS_INFO, NULL);\n",
            "line 1: the call of __seamcall() is not followed",
        ),
        (
            "DEFINE_STATIC_CALL(tdx_call, __seamcall);\n",
            (
                "line 1: __seamcall is handed on to DEFINE_STATIC_CALL() as a value,"
                " and who calls it is not followed"
            ),
        ),
        (
            BODY % '\tasm volatile("call __seamcall" : : "D" (0), "S" (&args));\n\treturn 0;\n',
            (
                "go(), line 5: __seamcall is named to the assembler, and what comes of it is not"
                " followed"
            ),
        ),
        (
            "#define MAKE(n, leaf) u64 n(a) void *a; { return __seamcall(leaf, a); }\nMAKE(a, 1)\n",
            "line 2: MAKE stands for a SEAMCALL that is not followed",
        ),
        (
            "#define P(a, b) a##b\n" + BODY % "\treturn P(__sea, mcall)(TDH_SYS_INFO, &args);\n",
            "go(), line 6: P stands for a SEAMCALL that is not followed",
        ),
    ],
)
def test_what_is_no_site_is_named(code, said):
    assert told(code) == ([], [said])


@pytest.mark.parametrize(
    "code",
    [
        "u64 __seamcall(u64 fn, struct tdx_module_args *args);\nEXPORT_SYMBOL_GPL(__seamcall);\n",
        "#define SC __seamcall\n",
        "#define P(a, b) a##b\n" + BODY % "\treturn P(oth, er)(&args);\n",
        "/*\n" + BODY % "\tgo();\n" + "RUN(__seamcall);\n*/\n",
    ],
)
def test_what_makes_no_seamcall_needs_no_word(code):
    assert told(code) == ([], [])


def test_a_place_behind_many_functions_has_its_line():
    text = BODY % "\treturn 0;\n" * 3 + "RUN(__seamcall);\n"

    assert told(text)[1] == [
        "line 19: __seamcall is handed on to RUN() as a value, and who calls it is not followed"
    ]


def test_many_such_places_are_counted():
    lines, said = told("".join(f"RUN{at}(__seamcall);\n" for at in range(50)))

    assert (lines, len(said), said[-1]) == ([], 41, "10 more such places")


def unseen_of(*diffs):
    mails = "".join(
        f"From {at:040} Mon Sep 17 00:00:00 2001\nFrom: A <a@b.c>\n"
        f"Subject: [PATCH {at}/{len(diffs)}] tdx: a\n\n---\n{diff}"
        for at, diff in enumerate(diffs, start=1)
    )
    (series,) = build_series(read_bytes(mails.encode(), "x.mbox").messages)
    images = [tuple(state.images.values()) for state in walk(series)][-1]
    return [(each.path, each.reason) for each in gather(images, ABI).not_examined]


USE = "--- a/g.c\n+++ b/g.c\n@@ -10,2 +10,3 @@\n RUN(__seamcall);\n+%s;\n SC(1, 2);\n"
DEFINE = (
    "--- a/g.h\n+++ b/g.h\n@@ -1,2 +1,2 @@\n /* tdx_ */\n"
    "-#define SC other\n+#define SC __seamcall\n"
)


def test_only_what_the_series_adds_is_named():
    assert unseen_of(USE % "RUN(__seamcall_ret)") == [
        (
            "g.c",
            (
                "line 11: __seamcall_ret is handed on to RUN() as a value, and who calls it is not"
                " followed"
            ),
        )
    ]


def test_a_macro_that_the_series_changes_counts_where_it_is_used():
    assert unseen_of(DEFINE, USE % "other()") == [
        ("g.c", "line 12: SC stands for a SEAMCALL that is not followed")
    ]


def test_a_name_that_is_looked_up_is_said():
    what = "__seamcall is named to the assembler, and what comes of it is not followed"

    assert told(BODY % '\tgo_by(kallsyms_lookup_name("__seamcall"));\n') == (
        [],
        [f"go(), line 5: {what}"],
    )


def test_what_stood_before_a_series_is_not_its_own():
    """Of a tree that a series is put on nothing counts until the series adds it."""
    text = "static u64 run(void)\n{\n\treturn call_it(__seamcall);\n}\n"
    images = [image_of_text("arch/x86/kvm/vmx/tdx.c", text)]
    abi = load_abi(bundled_folder())
    reason = (
        "run(), line 3: __seamcall is handed on to call_it() as a value, and who calls it is not"
        " followed"
    )

    assert [each.reason for each in gather(images, abi, standing=True).not_examined] == [reason]
    assert gather(images, abi, standing=False).not_examined == ()
