"""No SEAMCALL of assembly is lost: it is a site, or it is named."""

import pytest

from tdxreview.facts.trap.collect import gather_assembly
from tdxreview.kernel.knowledge import Abi
from tdxreview.source.text import image_of_text

SOURCE = "arch/x86/virt/vmx/tdx/leaf.S"
CODE = "arch/x86/virt/vmx/tdx/leaf.c"
HEADER = "arch/x86/include/asm/leaf.h"


def function(body):
    return f"SYM_FUNC_START(leaf)\n{body}\n\tRET\nSYM_FUNC_END(leaf)\n"


def sites(*files):
    """Give the SEAMCALLs found as (line, function, callee)."""
    images = [image_of_text(path, text) for path, text in files]
    found = gather_assembly(images, Abi(leaves=(), statuses=(), wrappers=()))
    kept = {(s.place.line, s.function, s.callee) for s in found.subjects}
    return sorted(kept)


def named(*files):
    images = [image_of_text(path, text) for path, text in files]
    found = gather_assembly(images, Abi(leaves=(), statuses=(), wrappers=()))
    return [(item.path, item.reason) for item in found.not_examined]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (".if HOST\nseamcall\n.endif", 3),
        (".if HOST\nnop\n.else\nseamcall\n.endif", 5),
        (".if 0\nnop\n.elseif HOST\nnop\n.else\nseamcall\n.endif", 7),
        (".ifdef HOST\nseamcall\n.endif", 3),
        (".ifndef HOST\nnop\n.else\nseamcall\n.endif", 5),
        ("#ifdef CONFIG_A\nseamcall\n#endif", 3),
        ("#if LEVEL > 3\nseamcall\n#endif", 3),
        ("#ifdef CONFIG_A\nnop\n#else\nseamcall\n#endif", 5),
        ("#if defined(CONFIG_A)\nnop\n#elif defined(CONFIG_B)\nseamcall\n#endif", 5),
        (".rept HOW_OFTEN\nseamcall\n.endr", 3),
        (".macro op host\n.if \\host\nseamcall\n.endif\n.endm\nop HOST", 4),
        ("#ifdef CONFIG_A\n#define OP nop\n#else\n#define OP seamcall\n#endif\nOP", 7),
        ("#ifdef CONFIG_A\n#define OP seamcall\n#else\n#define OP nop\n#endif\nOP", 3),
        (".macro op\nseamcall\n.endm\n.macro op\nnop\n.endm\nop", 3),
        ('ALTERNATIVE "nop", "seamcall", 1', 2),
        ('ALTERNATIVE_2 "nop", "tdcall", 1, ".byte 0x66,0x0f,1,0xcf", 2', 2),
        ('ALTERNATIVE_3 "", "nop; seamcall", 1, "", 2, "", 3', 2),
        (".pushsection .other\nseamcall\n.popsection", 3),
        ("1:\n.altinstr: seamcall", 3),
    ],
)
def test_both_sides_are_looked_at(body, line):
    assert [site[0] for site in sites((SOURCE, function(body)))] == [line]


@pytest.mark.parametrize(
    ("statement", "callee"),
    [
        ("call __seamcall", "__seamcall"),
        ("CALL __seamcall", "__seamcall"),
        ("callq __seamcall_ret@PLT", "__seamcall_ret"),
        ("jmp __seamcall_saved_ret", "__seamcall_saved_ret"),
        ("jz __seamcall", "__seamcall"),
        ("lea __seamcall(%rip), %r11", "__seamcall"),
        ("mov $__seamcall, %r11", "__seamcall"),
        ("push $__seamcall", "__seamcall"),
        (".quad __seamcall", "__seamcall"),
        (".set other, __seamcall", "__seamcall"),
        ("other = __seamcall", "__seamcall"),
        (".weakref other, __seamcall", "__seamcall"),
        ("SYM_FUNC_ALIAS(other, __seamcall)", "__seamcall"),
        ("#define TO __seamcall\ncall TO", "__seamcall"),
        ('ALTERNATIVE "call other", "call __seamcall", 1', "__seamcall"),
        ("TDX_MODULE_CALL host=1 ret=1", "TDX_MODULE_CALL"),
        ("MY_SEAMCALL", "MY_SEAMCALL"),
    ],
)
def test_code_that_goes_on_in_a_seamcall_function_is_a_site(statement, callee):
    assert [site[1:] for site in sites((SOURCE, function(statement)))] == [("leaf", callee)]


@pytest.mark.parametrize(
    "statement",
    [
        "call other",
        ".globl __seamcall",
        "EXPORT_SYMBOL_GPL(__seamcall)",
        "TDX_MODULE_CALL host=0",
        ".if 0\nseamcall\n.endif",
        "/* seamcall */ nop",
        "nop # seamcall",
        '.ascii "seamcall"',
    ],
)
def test_what_makes_none_is_no_site(statement):
    assert sites((SOURCE, function(statement))) == []


def test_a_function_of_the_code_with_a_seamcall_is_one_to_call():
    other = "SYM_FUNC_START(other)\n\tcall leaf\n\tRET\nSYM_FUNC_END(other)\n"

    assert sites((SOURCE, function("seamcall") + other)) == [(2, "leaf", ""), (6, "other", "leaf")]


def test_every_one_of_many_is_a_site():
    text = function("\n".join(["seamcall"] * 40))

    assert [site[0] for site in sites((SOURCE, text))] == list(range(2, 42))


@pytest.mark.parametrize(
    "path",
    [
        *("a.S", "a.s", "a.sx", "a.asm", "a.S.in", "a.s.in", "a.S_shipped", "a.inc", "a.macro"),
    ],
)
def test_every_name_of_an_assembly_file_is_read(path):
    assert sites((f"arch/x86/{path}", function("seamcall"))) == [(2, "leaf", "")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("#ifdef __ASSEMBLY__\n.macro op\n\tseamcall\n.endm\n#endif\n", 3),
        ("#ifndef __ASSEMBLY__\nint a;\n#else\n.macro op\n\tseamcall\n.endm\n#endif\n", 5),
        (".macro op\n\t.byte 0x66, 0x0f\n\t.byte 0x01, 0xcf\n.endm\n", 2),
    ],
)
def test_assembly_in_a_header_is_read(text, line):
    assert [site[0] for site in sites((HEADER, text))] == [line]


def test_the_c_in_a_header_is_no_assembly():
    text = "#ifndef __ASSEMBLY__\nu64 __seamcall(u64 fn);\n#endif\n.macro a\nnop\n.endm\n"
    included = f'#include "leaf.h"\n{function("nop")}'

    assert sites((HEADER, text)) == []
    assert sites((HEADER, text), (HEADER.replace("leaf.h", "a.S"), included)) == []


@pytest.mark.parametrize(
    "statement",
    [
        'asm volatile("seam" "call");',
        'asm volatile("seam"\n"call");',
        'asm volatile("SEAMCALL");',
        'asm volatile("\\163eamcall");',
        'asm volatile("seam\\\ncall");',
        'as\\\nm volatile("seamcall");',
        'asm /* a */ volatile /* b */ ("seam" /* c */ "call");',
        'asm volatile(".byte 0x66," "0x0f,0x01," "0xcf");',
        'asm volatile(".byte 0x66\\n\\t.byte 0x0f\\n" ".byte 0x01, 0xcf");',
        'asm volatile(".long 0xcf010f66");',
        'asm volatile(".byte 0x66, 0x0f, 0x01, %c0" : : "i"(0xcf));',
        'asm volatile("{seamcall|seamcall}");',
        'asm goto("1: seamcall\\n" : : : : out); out:;',
        'asm volatile(ALTERNATIVE("nop", "seamcall", 3));',
        'asm volatile(ALTERNATIVE_2("nop", "tdcall", 3, "seamcall", 4));',
        'alternative("nop", "seamcall", 3);',
        'alternative_input("nop", ".byte 0x66,0x0f,0x01,0xcf", 3, "a"(ret));',
        'asm volatile(".macro op\\n\\tseamcall\\n.endm\\n\\top");',
        'asm volatile(".if HOST\\nseamcall\\n.endif");',
    ],
)
def test_inline_assembly_in_any_spelling_is_a_site(statement):
    text = f"void f(void)\n{{\n\t{statement}\n}}\n"

    assert [site[1] for site in sites((CODE, text))] == ["f"]


@pytest.mark.parametrize(
    ("define", "use"),
    [
        ("#define OP(x) asm volatile(#x)", "OP(seamcall);"),
        ('#define OP(x) asm volatile("seam" #x)', "OP(call);"),
        ("#define OP(x) asm volatile(x)", 'OP("seamcall");'),
        ("#define ASM asm volatile", 'ASM("seamcall");'),
        ('#define TEXT "seamcall"', "asm volatile(TEXT);"),
        ("#define CODE 0x66, 0x0f, 0x01, 0xcf", 'asm(".byte " __stringify(CODE));'),
    ],
)
def test_macros_that_make_the_statement_are_seen_through(define, use):
    text = f"{define}\nvoid f(void)\n{{\n\t{use}\n}}\n"

    assert (4, "f", "") in sites((CODE, text))


@pytest.mark.parametrize(
    "statement",
    [
        'asm("call __seamcall");',
        'asm("call %c0" : : "i"(__seamcall));',
        'asm("call *%0" : : "r"(&__seamcall));',
    ],
)
def test_a_call_in_inline_assembly_is_a_site(statement):
    text = f"void f(void)\n{{\n\t{statement}\n}}\n"

    assert sites((CODE, text)) == [(3, "f", "__seamcall")]


def test_a_symbol_that_c_calls_by_another_name_is_a_site():
    assert sites((CODE, 'u64 other(u64 fn) asm("__seamcall");\n')) == [(1, "other", "__seamcall")]


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        (SOURCE, function(".insn 0x660f01cf"), "line 2: `.insn 0x660f01cf` may hold a SEAMCALL"),
        (SOURCE, function('.incbin "a"'), 'line 2: `.incbin "a"` may hold a SEAMCALL'),
        (SOURCE, function('.include "a"'), 'line 2: `.include "a"` may hold a SEAMCALL'),
        (
            SOURCE,
            function("mov $0xcf010f66, %eax"),
            "line 2: `mov $0xcf010f66, %eax` may hold a SEAMCALL",
        ),
        (
            "arch/x86/a.inc",
            "u64 f(void)\n{\n\treturn seamcall(1, 2);\n}\n",
            "it holds C, which is not read in a file of this name",
        ),
        (
            CODE,
            "u8 code[] = { 0x66, 0x0f, 0x01, 0xcf };\n",
            "line 1: a row of numbers is the bytes of a SEAMCALL",
        ),
        (
            CODE,
            "void f(void)\n{\n\tasm(ASM_TDX_SEAMCALL);\n}\n",
            "line 3: ASM_TDX_SEAMCALL is not in view",
        ),
    ],
)
def test_what_may_hold_one_is_named(path, text, reason):
    assert (path, reason) in named((path, text))


def test_what_grows_without_end_is_named():
    levels = "".join(f".macro M{n}\nM{n - 1}\nM{n - 1}\n.endm\n" for n in range(1, 40))
    text = f".macro M0\nnop\n.endm\n{levels}{function('M39')}"

    assert named((SOURCE, text)) == [
        (SOURCE, "macros and repetitions make too much of it: it was read in part")
    ]
