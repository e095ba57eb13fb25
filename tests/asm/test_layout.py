"""A SEAMCALL is one instruction, whatever its bytes are spelled with."""

import pytest

from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.gas_expand import Expander
from tdxreview.asm.layout import build_program
from tdxreview.asm.lexer import code_lines, split_statements
from tdxreview.asm.listing import END_OF_SECTION, is_seamcall


def program(text):
    lines = code_lines("a.S", enumerate(text.split("\n"), start=1))
    expander = Expander(Definitions())
    flat = [line._replace(text=part) for line in lines for part in split_statements(line.text)]
    return build_program(expander.run(flat), expander)


def code(text):
    return [
        "seamcall" if is_seamcall(line.text) else line.text
        for line in program(text).code
        if line.text != END_OF_SECTION
    ]


@pytest.mark.parametrize(
    "text",
    [
        "seamcall",
        "SEAMCALL",
        "SeamCall",
        ".byte 0x66, 0x0f, 0x01, 0xcf",
        ".BYTE 0X66,0X0F,0X01,0XCF",
        ".byte 102, 15, 1, 207",
        ".byte 0146, 017, 01, 0317",
        ".byte 0b01100110, 0b1111, 0b1, 0b11001111",
        ".byte 'f, 15, 1, -49",
        ".byte 0x60+6, 0x1e/2, (3-2), 0xc0|0x0f",
        ".byte 0x66\n.byte 0x0f\n\n.byte 0x01 /* one */\n.byte 0xcf",
        ".byte 0x66; .byte 0x0f, 0x01; .byte 0xcf",
        ".byte 0x66, 0x0f, \\\n\t0x01, 0xcf",
        "seam\\\ncall",
        ".word 0x0f66, 0xcf01",
        ".hword 0x0f66\n.value 0xcf01",
        ".2byte 0x0f66; .byte 1, 207",
        ".long 0xcf010f66",
        ".int -0x30fef09a",
        ".4byte (0xcf01 << 16) | 0x0f66",
        ".dc.l 0xcf010f66",
        '.ascii "f\\017\\001\\317"',
        '.ascii "\\x66\\x0f" "\\x01\\xcf"',
        ".fill 1, 4, 0xcf010f66",
        ".dcb.l 1, 0xcf010f66",
        ".dcb.w 1, 0x0f66\n.dcb 1, 0xcf01",
        ".byte 0x66, 0x0f, 1\n.dcb.b 1, 0xcf",
        '.base64 "Zg8Bzw=="',
        "data16\n.byte 0x0f, 0x01, 0xcf",
        "data16; .byte 0x0f, 0x01, 0xcf",
        ".byte 0x66, 0x0f\n.skip 0\n.byte 0x01, 0xcf",
        ".byte 0x66, 0x0f\n.uleb128 1\n.byte 0xcf",
        ".set op, 0xcf010f66\n.long op",
        "last = 0xcf\n.byte 0x66, 0x0f, 1, last\nlast = 0",
        ".irp b, 0x66, 0x0f, 0x01, 0xcf\n.byte \\b\n.endr",
        ".irpc c, l\nseamcal\\c\n.endr",
        ".rept 1\n.rept 1\nseamcall\n.endr\n.endr",
        ".altmacro\n.macro op x\n.byte 0x66, 0x0f, 0x01, x\n.endm\nop %(0xc0+0xf)",
        ".macro op b:vararg\n.byte \\b\n.endm\nop 0x66, 0x0f, 0x01, 0xcf",
        ".byte 0x66, 0x0f\n.pushsection .b\n.byte 9\n.popsection\n.byte 1, 0xcf\n.section .b",
    ],
)
def test_every_spelling_is_the_instruction(text):
    assert code(text)[0] == "seamcall"


def test_the_place_is_the_line_of_the_first_byte():
    text = "nop\n.byte 0x90, 0x66\n.byte 0x0f, 0x01\n.byte 0xcf, 0x90\nret"
    made = [(line.number, line.text) for line in program(text).code]

    assert made[:-1] == [
        (1, "nop"),
        (2, ".byte 0x90"),
        (2, "seamcall"),
        (4, ".byte 0x90"),
        (5, "ret"),
    ]


def test_bytes_around_it_stay():
    assert code(".quad 0x9090cf010f669090") == [
        ".byte 0x90, 0x90",
        "seamcall",
        ".byte 0x90, 0x90",
    ]
    assert code(".long 0xcf010f66, 0xcf010f66") == ["seamcall", "seamcall"]


def test_a_prefix_goes_before_it():
    assert code("rex.w seamcall") == ["rex.w", "seamcall"]


@pytest.mark.parametrize(
    "text",
    [
        ".byte 0x66, 0x0f, 0x01, 0xcc",
        ".byte 0x66, 0x0f\nnop\n.byte 0x01, 0xcf",
        ".byte 0x66, 0x0f\n.skip 1\n.byte 0x01, 0xcf",
        ".byte 0x66, 0x0f, somewhere, 0xcf",
        ".long somewhere",
        ".ascii",
        ".byte",
        ".fill",
    ],
)
def test_other_bytes_are_not(text):
    assert "seamcall" not in code(text)


def test_a_label_among_the_bytes_means_the_next_statement():
    made = program(".byte 0x90\na: .byte 0x66, 0x0f, 0x01, 0xcf\nb: nop\njmp a")

    assert (made.target("a", 0), made.target("b", 0)) == (1, 2)


def test_numeric_labels_go_by_the_order_of_the_text():
    made = program("1: nop\njmp 1b\njmp 1f\n.section b\n1: ret\njmp 1b\n.previous\n1: hlt")
    at = {line.number: place for place, line in enumerate(made.code) if line.path}

    assert made.target("1b", made.orders[at[2]]) == at[1]
    assert made.target("1f", made.orders[at[3]]) == at[5]
    assert made.target("1b", made.orders[at[6]]) == at[5]


@pytest.mark.parametrize(
    "text",
    [
        ".set",
        ".set x",
        ".set ,",
        ".equ",
        "= 1",
        "SYM_FUNC_START()",
        "SYM_FUNC_START(",
        "SYM_FUNC_END()",
        ".size",
        ".macro",
        ".rept",
        ".irp",
        ".irpc",
        ".if",
        ".section",
        ".p2align",
        ".uleb128",
        "_ASM_EXTABLE()",
        "_ASM_EXTABLE(1b)",
        '.section __ex_table, "a"\n.long 1, 2',
        "lock " * 3000,
        "a: " * 3000,
        ".macro a\n" * 1500,
        ".if 1\n" * 1500,
        "mov $" + "(" * 3000 + ", %rax",
        ".byte " + "~" * 3000 + "1",
    ],
)
def test_what_lacks_its_arguments_or_nests_deep_does_no_harm(text):
    assert "seamcall" not in code(f"{text}\nnop")
