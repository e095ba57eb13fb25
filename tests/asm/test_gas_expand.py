from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.gas_expand import Expander
from tdxreview.asm.lexer import code_lines, split_statements


def expanded(text):
    lines = code_lines("a.S", enumerate(text.split("\n"), start=1))
    statements = [
        line._replace(text=part) for line in lines for part in split_statements(line.text)
    ]
    return [line.text for line in Expander(Definitions()).run(statements)]


def test_arguments_go_by_place_by_name_and_by_default():
    source = ".macro M a:req b=2 c=3\nmov $\\a+\\b+\\c, %rax\n.endm\nM 1\nM 1 c=5\nM 7, 8, 9"

    assert expanded(source) == [
        "mov $1+2+3, %rax",
        "mov $1+2+5, %rax",
        "mov $7+8+9, %rax",
    ]


def test_each_use_counts_up():
    assert expanded(".macro M\n.L\\@: nop\n.endm\nM\nM") == [".L0:", "nop", ".L1:", "nop"]


def test_conditions_are_decided_on_arguments():
    source = (
        ".macro M a=0 b=0\n.if \\a && !\\b\nint3\n.elseif \\b\nud2\n.else\nnop\n.endif\n.endm\n"
        "M 1\nM 1 1\nM"
    )

    assert expanded(source) == ["int3", "ud2", "nop"]


def test_blank_arguments_are_seen():
    assert expanded(".macro M a\n.ifb \\a\nnop\n.else\nint3\n.endif\n.endm\nM\nM x") == [
        "nop",
        "int3",
    ]


def test_a_condition_that_cannot_be_decided_is_not_read():
    assert expanded(".if NOBODY_KNOWS\nnop\n.endif") == ["? cannot decide `.if NOBODY_KNOWS`"]


def test_symbols_hold_what_they_were_set_to_last():
    assert expanded(".set n, 2\nn = n + 1\n.if n == 3\nnop\n.endif") == ["nop"]


def test_a_macro_that_uses_itself_ends():
    assert expanded(".macro M\nM\n.endm\nM") == ["? nested too deep"]


def test_macros_that_double_each_other_end():
    levels = "".join(f".macro M{n}\nM{n - 1}\nM{n - 1}\n.endm\n" for n in range(1, 30))

    assert len(expanded(".macro M0\nnop\n.endm\n" + levels + "M29")) <= 20_000


def test_many_open_conditions_end():
    assert len(expanded(".if 1\n" * 5000)) <= 5000


def test_comments_go_and_continued_lines_are_one():
    lines = [
        (line.number, line.text)
        for line in code_lines(
            "a.S", enumerate(["nop /* a", "b */ int3", "#define A \\", "  1"], 1)
        )
    ]

    assert lines == [(1, "nop"), (2, "int3"), (3, "#define A   1")]


def test_a_fragment_may_begin_inside_a_comment():
    lines = code_lines("a.S", enumerate([" * of old", " */", "nop"], 1))

    assert [line.text for line in lines] == ["nop"]
