import pytest

from tdxreview.facts.conversation.placeholders import placeholders
from tdxreview.facts.conversation.schema import Stands
from tdxreview.source.text import image_of_text

PATH = "arch/x86/virt/vmx/tdx/tdx.c"


def found(text, path=PATH):
    return [
        (each.place.line, each.function, each.stands)
        for each in placeholders([image_of_text(path, text)]).subjects
    ]


def function(*lines, head="int tdx_lp_start(struct tdx_module_args *args)"):
    return "\n".join([head, "{", *(f"\t{line}" for line in lines), "}", ""])


@pytest.mark.parametrize(
    ("line", "stands"),
    [
        ("if (0 && !tdx_there())", Stands.DEAD_CONDITION),
        ("if (false && !tdx_there())", Stands.DEAD_CONDITION),
        ("if (tdx_there() && 0)", Stands.DEAD_CONDITION),
        ("if (1 || tdx_there())", Stands.DEAD_CONDITION),
        ("if (0)", Stands.DEAD_CONDITION),
        ("args->rcx = 0; /* FIXME: the page */", Stands.MARKED_VALUE),
        ("args->rcx = 0x1000; // XXX", Stands.MARKED_VALUE),
        ("args->rdx = NULL; /* TODO */", Stands.MARKED_VALUE),
    ],
)
def test_a_line_that_stands_for_code_is_found(line, stands):
    assert found(function(line, "return seamcall(TDH_SYS_LP_INIT, args);")) == [
        (3, "tdx_lp_start", stands)
    ]


@pytest.mark.parametrize(
    "line",
    [
        "do { one(); } while (0);",
        "if (args->rcx == 0)",
        "if (x > 0 && y)",
        "if (IS_ENABLED(CONFIG_X) && y)",
        "if (10 || y)",
        "args->rcx = 0; /* no flags */",
        "args->rcx = page; /* FIXME: which? */",
        "/* FIXME: print more */",
        'pr_info("TODO");',
    ],
)
def test_a_line_that_is_meant_is_not(line):
    assert found(function(line, "return seamcall(TDH_SYS_LP_INIT, args);")) == []


def test_a_block_that_is_switched_off_is_found():
    text = function("", "return seamcall(TDH_SYS_LP_INIT, args);").replace("\t\n", "#if 0\n")

    assert found(text) == [(3, "tdx_lp_start", Stands.DEAD_CONDITION)]


def test_a_stub_that_says_so_is_found():
    assert found(function("/* not implemented yet */", "return 0;")) == [
        (4, "tdx_lp_start", Stands.SUCCESS)
    ]


def test_a_stub_that_says_nothing_is_found():
    assert found(function("return 0;")) == [(3, "tdx_lp_start", Stands.SILENT_SUCCESS)]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (function("return -EINVAL; /* TODO */"), PATH),
        (
            function(
                "/* Nothing to do here, the caller has done it. */",
                "return 0;",
                head="int vmx_prepare(void)",
            ),
            PATH,
        ),
        (function("count++;", "return 0;"), PATH),
        (function("return 0;"), "arch/x86/include/asm/tdx.h"),
        (function("return 0;", head="int __weak tdx_lp_start(void)"), PATH),
        (function("if (0 && x)", "return 0;", head="int foo(void)"), "drivers/foo.c"),
    ],
)
def test_what_is_no_stub_of_a_seamcall_is_not(text, path):
    assert found(text, path) == []


def test_a_number_that_is_marked_as_wrong_is_found():
    assert found("#define TDH_SYS_WAIT 0 /* FIXME */\n#define TDH_SYS_INIT 33\n") == [
        (1, "", Stands.MARKED_VALUE)
    ]
