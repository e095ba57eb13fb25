"""What is not given to the compiler, and what the limits stop."""

import pytest

from tdxreview.asm.prove.refuse import refused_assembly, refused_source

PASSES_SOURCE = [
    "#include <asm/asm.h>",
    '#  include "tdxcall.S"  /* the macro */',
    "/* see #include <x> in there */ nop",
    "#error do not include this",
    "#define X 1",
]
REFUSED_SOURCE = [
    '#include "/etc/passwd"',
    "#include </etc/passwd>",
    "#include FILE",
    "#include_next <asm/asm.h>",
    '#embed "/etc/passwd"',
    '#if __has_include("/etc/passwd")',
    "#import <asm/asm.h>",
    '#pragma GCC dependency "/etc/passwd"',
    '%:include "/etc/passwd"',
    '# /**/ include "/etc/passwd"',
    '/* a */ #include "/etc/passwd"',
    '*/ #include "/etc/passwd"',
    '#inc\\\nlude "/etc/passwd"',
    '#inc\\  \nlude "/etc/passwd"',
    '\ufeff#include "/etc/passwd"',
    '\x00#include "/etc/passwd"',
    "x" * 3_000_000,
]
PASSES_ASSEMBLY = [
    "mov %rax, %rbx",
    '.pushsection __ex_table, "a"\n.long 1b - .\n.popsection',
    '.section .noinstr.text, "ax"\n.Lx\\@: nop',
    ".macro M a\nmov \\a, %rax\n.endm\nM %rbx",
    ".skip 16, 0x90",
]
REFUSED_ASSEMBLY = [
    '.incbin "/etc/passwd"',
    '.INCBIN "/etc/passwd"',
    '.include "/etc/passwd"',
    'nop; .include "/etc/passwd"',
    '.macro M a\n.inc\\a "/etc/passwd"\n.endm\nM bin',
    '.macro M a b\n\\a\\b "/etc/passwd"\n.endm\nM .inc bin',
    '.macro M a\n.inc\\()bin "/etc/passwd"\n.endm\nM',
    '.irp x, ".incbin \\"/etc/passwd\\""\n\\x\n.endr',
    '.altmacro\n.macro M a\n.inc&a "/etc/passwd"\n.endm',
    ".mri 1",
    ".macro M\nM\n.endm\nM",
    ".macro A\nB\n.endm\n.macro B\nA\n.endm\nA",
    ".rept 1000000\nnop\n.endr",
    ".rept 60\n.rept 60\nnop\n.endr\n.endr",
    ".fill 1000000000",
    ".org 0x7fffffff",
    ".skip 1 << 40",
    ".space somewhere - .",
    ".balign 1 << 30",
    '.dc.x "a"',
]


@pytest.mark.parametrize("text", PASSES_SOURCE)
def test_plain_source_goes_through(text):
    assert refused_source(text) is None


@pytest.mark.parametrize("text", REFUSED_SOURCE)
def test_source_that_could_read_other_files_is_refused(text):
    assert refused_source(text) is not None


@pytest.mark.parametrize("text", PASSES_ASSEMBLY)
def test_plain_assembly_goes_through(text):
    assert refused_assembly(text + "\n") is None


@pytest.mark.parametrize("text", REFUSED_ASSEMBLY)
def test_assembly_that_reads_files_or_blows_up_is_refused(text):
    assert refused_assembly(text + "\n") is not None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('#include "/etc/passwd"', "could read other files"),
        ("#include <../../../../etc/passwd>", "leads out of the tree"),
        ('#include "../../../../../../etc/passwd"', "leads out of the tree"),
        ('.incbin "/etc/passwd"', "asks the assembler to read other files"),
        (".fill 1000000000", "is not one that we let through"),
    ],
)
def test_a_refused_file_is_not_proven_and_says_why(prove, routine, line, reason):
    proof = prove(f"{line}\n{routine()}")

    assert proof.checks == ()
    assert [reason in item.reason for item in proof.not_proven] == [True]


def test_macros_that_double_each_other_run_into_the_limits(prove, routine):
    levels = "".join(f".macro M{n}\nM{n - 1}\nM{n - 1}\n.endm\n" for n in range(1, 40))
    proof = prove(f".macro M0\nnop\n.endm\n{levels}{routine()}M39\n")

    assert (proof.checks, len(proof.not_proven)) == ((), 1)


def test_c_macros_that_double_each_other_run_into_the_limits(prove, routine):
    levels = "".join(f"#define M{n} M{n - 1} M{n - 1}\n" for n in range(1, 60))
    proof = prove(f"#define M0 nop;\n{levels}{routine()}M59\n")

    assert (proof.checks, len(proof.not_proven)) == ((), 1)
