"""Masked text has the length of the real one, and a grammar can read it."""

import pytest

from tdxreview.cfront.masking import closing, masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("static int __init f(void)", "static int        f(void)"),
        ("p __free(kfree) = q;", "p               = q;"),
        ('pr_err("a { b\\n", x);', 'pr_err("xxxxxxx", x);'),
        ("x = 1; /* { */ y", "x = 1;         y"),
        ("min_t(unsigned long, a, b)", "min_t(tnsigned_long, a, b)"),
        ("container_of(p, struct kvm, x)", "container_of(p, ttruct_kvm, x)"),
        ("\tDECLARE_BITMAP(bits, 64) = {};", "\tint            bits      = {};"),
        ("case 1 ... 3:", "case 1  |  3:"),
        ('pr_info(HW_ERR "x")', 'pr_info(       "x")'),
        ("f(2NDEXEC)", "f(tNDEXEC)"),
    ],
)
def test_what_breaks_the_grammar_is_masked_at_equal_length(text, expected):
    assert masked(text) == expected


def test_a_loop_macro_reads_as_while():
    text = "{\n\tfor_each_online_cpu(cpu) {\n\t\tf(cpu);\n\t}\n}"

    assert "\twhile              (cpu) {" in masked(text)


def test_a_function_on_one_line_is_no_loop_macro():
    text = "static inline void tdx_init(void) { }\n"

    assert masked(text) == text


def test_both_sides_of_a_conditional_in_a_body_become_branches():
    text = "int f(void)\n{\n\ta();\n#ifdef CONFIG_X\n\tb();\n#else\n\tc();\n#endif\n\td();\n}\n"

    quiet = masked(text)

    assert len(quiet) == len(text)
    assert quiet.split() == [
        *("int", "f(void)", "{", "a();", "if(C){", "b();}else{", "c();", "}", "d();", "}")
    ]


def test_of_a_conditional_with_unbalanced_braces_the_first_side_stays():
    text = "int f(void)\n{\n#ifdef A\n\tif (x) {\n#else\n\tif (y) {\n#endif\n\t\tb();\n\t}\n}\n"

    assert masked(text).split() == ["int", "f(void)", "{", "if", "(x)", "{", "b();", "}", "}"]


def test_directives_outside_of_functions_are_blanked():
    text = "#define A \\\n\t1 /* x\n */\nint a;\n"

    assert masked(text).split() == ["int", "a;"]


def test_the_rest_of_a_comment_that_begins_before_a_hunk_is_blanked():
    assert masked(" * it's a tail\n */\n\tf();").split() == ["f();"]


@pytest.mark.parametrize("text", ["(" * 50_000, '"' * 50_000, "/*" * 50_000, "#if\n" * 20_000])
def test_hostile_text_is_masked_at_equal_length(text):
    assert len(masked(text)) == len(text)


def test_a_bracket_is_closed_by_its_partner():
    assert closing("f(a(b)c)d", 1) == 7
    assert closing("f(a(b)c", 1) == -1
