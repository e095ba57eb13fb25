"""Who may call the assembly functions itself."""

import pytest

from tdxreview.facts.collect_c import gather_c
from tdxreview.facts.context.schema import Bypass
from tdxreview.facts.sites.schema import Site
from tdxreview.source.text import image_of_text

WRAPPED = "int g(void)\n{\n\treturn seamcall_prerr(TDH_SYS_INIT, NULL);\n}\n"


@pytest.mark.parametrize(
    ("words", "body", "expected"),
    [
        ("static inline", "return __seamcall(TDH_MNG_VPFLUSHDONE, args);", Bypass.ALLOWED),
        ("static", "return __seamcall(TDH_MNG_VPFLUSHDONE, args);", Bypass.AROUND),
        ("static inline", "prepare(); return __seamcall(TDH_MEM_TRACK, args);", Bypass.AROUND),
    ],
)
def test_an_inline_function_of_one_call_is_the_wrapper(subjects, words, body, expected):
    code = f"{words} u64 f(struct tdx_module_args *args)\n{{\n\t{body}\n}}\n{WRAPPED}"

    site = next(each for each in subjects(Site, code) if each.function == "f")

    assert site.bypass is expected


RAW = "u64 f(void)\n{\n\tprepare();\n\treturn __seamcall(TDH_MEM_TRACK, NULL);\n}\n"
STATIC = "static u64 seamcall(u64 fn, struct tdx_module_args *args)\n{\n\treturn 0;\n}\n"
DEFINED = "#define seamcall(fn, args) sc_retry(__seamcall, (fn), (args))\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"one.c": RAW, "other.c": STATIC + WRAPPED}, Bypass.UNKNOWN),
        ({"one.c": RAW, "other.c": WRAPPED}, Bypass.UNKNOWN),
        ({"one.c": RAW, "other.c": DEFINED}, Bypass.UNKNOWN),
        ({"one.c": RAW, "asm/tdx.h": DEFINED}, Bypass.AROUND),
        ({"one.c": RAW, "other.c": STATIC.removeprefix("static ")}, Bypass.AROUND),
        ({"one.c": STATIC + RAW}, Bypass.AROUND),
        ({"one.c": WRAPPED + RAW}, Bypass.AROUND),
    ],
)
def test_only_a_wrapper_that_the_file_can_reach_is_gone_around(abi, files, expected):
    images = [image_of_text(path, text) for path, text in files.items()]

    found = gather_c(images, abi).subjects

    bypasses = [each.bypass for each in found if isinstance(each, Site) and each.function == "f"]
    assert bypasses == [expected]


@pytest.mark.parametrize(("leaf", "expected"), [("fn", Bypass.ALLOWED), ("7", Bypass.AROUND)])
def test_who_is_told_the_leaf_is_a_wrapper_whatever_the_raw_call_takes(subjects, leaf, expected):
    code = (
        f"static u64 f(u64 fn, u64 rcx)\n{{\n\tu64 err;\n\n"
        f"\terr = __seamcall({leaf}, rcx, 0, 0, 0, 0, 0, 0, 0, NULL);\n\treturn err;\n}}\n{WRAPPED}"
    )

    site = next(each for each in subjects(Site, code) if each.function == "f")

    assert site.bypass is expected
