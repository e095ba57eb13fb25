"""What is assembled is printed from what was parsed, in a closed language."""

import re

import pytest

from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.gas_expand import Expander
from tdxreview.asm.layout import build_program
from tdxreview.asm.lexer import code_lines, split_statements
from tdxreview.asm.prove.canonical import MNEMONICS, printed

LANGUAGE = re.compile(
    r"i\d+:|\.section (?:\.code\d+|__ex_table),\"ax?\"|\.balign \d+(?:,0x90)?"
    r"|\.byte 0x[0-9a-f]{2}(?:,0x[0-9a-f]{2}){0,15}|\.long i\d+ - \.|\.long 0x[0-9a-f]+"
    r"|(?P<word>[a-z]\w*)(?: [$*()%,a-z0-9-]+)?"
)


def shown(text):
    lines = code_lines("a.S", enumerate(text.split("\n"), start=1))
    expander = Expander(Definitions({"SIZE": 16, "WIDE": 1 << 63}))
    flat = [line._replace(text=part) for line in lines for part in split_statements(line.text)]
    return printed(build_program(expander.run(flat), expander), expander)


def code(text):
    """Give what is printed for statements, without labels and sections."""
    lines = shown(text).lines
    kept = [line for line in lines if not line.endswith(":") and not line.startswith(".section")]
    return kept[: kept.index("ud2")]


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("mov %rax, %rbx", ["mov %rax,%rbx"]),
        ("MOV\t%rax ,\t%rbx", ["mov %rax,%rbx"]),
        ("mov $SIZE + 1, %rax", ["mov $0x11,%rax"]),
        ("or $-1, %rax", ["or $-0x1,%rax"]),
        ("mov SIZE*2(%rsi,%rcx,8), %rax", ["mov 0x20(%rsi,%rcx,8),%rax"]),
        ("mov 0x1234, %rcx", ["mov 0x1234,%rcx"]),
        ("call *%rax", ["call *%rax"]),
        ("call *8(%rax)", ["call *0x8(%rax)"]),
        ("call printk", ["call x0"]),
        ("a: jmp a", ["jmp i0"]),
        ("1: nop; jc 1b; jnc 1f; 1:", ["nop", "jc i0", "jnc i3"]),
        ("lea a(%rip), %rax; a:", ["lea i1(%rip),%rax"]),
        ("RET", ["ret"]),
        ("jmp __x86_return_thunk", ["ret"]),
        ("FRAME_BEGIN", ["push %rbp", "mov %rsp,%rbp"]),
        ("seamcall", [".byte 0x66,0x0f,0x01,0xcf"]),
        (".long 0xcf010f66", [".byte 0x66,0x0f,0x01,0xcf"]),
        (".word 0x0f66; .byte 1, 0xcf, 0x90", [".byte 0x66,0x0f,0x01,0xcf", ".byte 0x90"]),
        (".skip 3, 0x90", [".byte 0x90,0x90,0x90"]),
        (".p2align 4", [".balign 16,0x90"]),
        (".globl a; .type a, @function; ENDBR", []),
        ("rep; movsb", [".byte 0xf3", "movsb"]),
    ],
)
def test_a_statement_is_printed_in_our_words(text, statements):
    assert code(text) == statements


@pytest.mark.parametrize(
    "statement",
    [
        '.incbin "/etc/passwd"',
        '.include "/etc/passwd"',
        ".skip 1 << 40",
        ".fill 1000000000",
        ".org 0x7fffffff",
        ".space somewhere - .",
        ".balign 1 << 30",
        ".mri 1",
        '.dc.x "a"',
        '.print "a"',
        ".insn 0x660f01",
        "frobnicate %rax",
        "mov %gs:0, %rax",
        "mov %xmm0, %rax",
        "mov somewhere+4(%rip), %rax",
        'mov "a b", %rax',
        "mov $'a'b, %rax",
        'ALTERNATIVE "", "call a", 3',
        "nop @file",
        "mov $(1 << 70), %rax",
        ".byte somewhere",
    ],
)
def test_what_has_no_canonical_form_is_left_out_and_said(statement):
    made = shown(statement)

    assert list(made.unprinted) == [0]
    assert code(statement) == []


HOSTILE = [
    'nop\x0b.include "/etc/passwd"',
    'nop; .include "/etc/passwd"',
    '.macro M a\n.inc\\a "/etc/passwd"\n.endm\nM bin',
    '.macro M a b\n\\a\\b "/etc/passwd"\n.endm\nM .inc bin',
    '.macro M a\n.inc\\()bin "/etc/passwd"\n.endm\nM',
    '.irp x, ".incbin \\"/etc/passwd\\""\n\\x\n.endr',
    '.altmacro\n.macro M a\n.inc&a "/etc/passwd"\n.endm\nM bin',
    'mov $0, %rax\u2028.incbin "/etc/passwd"',
    'mov $0, %rax\\\n.incbin "/etc/passwd"',
    '.ascii "a\\"\n.incbin "/etc/passwd"',
    ".macro M\nM\n.endm\nM",
    '.rept 60\n.rept 60\n.incbin "/etc/passwd"\n.endr\n.endr',
    'a"b: nop',
    '.globl "x\ny"',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_outside_the_language_is_ever_printed(text):
    for line in shown(text).lines:
        found = LANGUAGE.fullmatch(line)
        assert found is not None, line
        assert found["word"] is None or found["word"] in MNEMONICS
