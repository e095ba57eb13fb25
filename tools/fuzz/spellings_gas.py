"""Ways to make a SEAMCALL in assembly: each is file text with NAME where a fresh name goes."""

BYTES = ".byte 0x66, 0x0f, 0x01, 0xcf"


def _function(body: str, before: str = "") -> str:
    lines = "".join(
        f"\t{line}\n" if line[:1] not in ("#", "\\") else f"{line}\n" for line in body.splitlines()
    )
    return f"{before}SYM_FUNC_START(NAME)\n\tmov %rdi, %rax\n{lines}\tRET\nSYM_FUNC_END(NAME)\n"


PLAIN = {
    "bytes": _function(BYTES),
    "bytes-tight": _function(".byte 0x66,0x0f,0x01,0xcf"),
    "bytes-decimal": _function(".byte 102, 15, 1, 207"),
    "bytes-octal": _function(".byte 0146, 017, 01, 0317"),
    "bytes-capitals": _function(".BYTE 0X66, 0X0F, 0X01, 0XCF"),
    "bytes-on-lines": _function(".byte 0x66\n.byte 0x0f\n.byte 0x01\n.byte 0xcf"),
    "bytes-semicolons": _function(".byte 0x66; .byte 0x0f; .byte 0x01; .byte 0xcf"),
    "bytes-commented": _function(".byte 0x66, /* one */ 0x0f, 0x01, 0xcf"),
    "bytes-sums": _function(".byte 0x60+6, 0x10-1, 1<<0, 0xc0|0xf"),
    "bytes-characters": _function(".byte 'f, 15, 1, 207"),
    "bytes-spliced": _function(".byte 0x66, 0x0f, \\\n\t0x01, 0xcf"),
    "mnemonic": _function("seamcall"),
    "mnemonic-capitals": _function("SEAMCALL"),
    "mnemonic-behind-label": _function(".Lcall: seamcall"),
    "mnemonic-spliced": _function("nop").replace("nop", "seam\\\ncall"),
    "prefixed": _function("data16\n.byte 0x0f, 0x01, 0xcf"),
    "long": _function(".long 0xcf010f66"),
    "short": _function(".short 0x0f66, 0xcf01"),
    "word": _function(".word 0x0f66\n.word 0xcf01"),
    "int": _function(".int 0xcf010f66"),
    "4byte": _function(".4byte 0xcf010f66"),
    "2byte": _function(".2byte 0x0f66, 0xcf01"),
    "quad": _function(".quad 0x90909090cf010f66"),
    "ascii": _function('.ascii "\\x66\\x0f\\x01\\xcf"'),
    "ascii-octal": _function('.ascii "f\\017\\001\\317"'),
    "fill": _function(".fill 1, 4, 0xcf010f66"),
    "plain-label": f"\t.globl NAME\nNAME:\n\t{BYTES}\n\tret\n",
    "in-data": f"\t.data\nNAME_code:\n\t{BYTES}\n",
    "more-than-8": _function("\n".join([BYTES] * 12)),
}
"""The instruction, written out."""

CALLS = {
    "call": _function("call __seamcall"),
    "call-capitals": _function("CALL __seamcall"),
    "call-q": _function("callq __seamcall@PLT"),
    "tail-jump": _function("jmp __seamcall"),
    "conditional-jump": _function("test %rdi, %rdi\njnz __seamcall_ret"),
    "lea-call": _function("lea __seamcall(%rip), %rax\ncall *%rax"),
    "movabs-call": _function("movabs $__seamcall, %rax\ncall *%rax"),
    "push-ret": _function("push $__seamcall"),
    "pointer-table": "\t.data\nNAME_calls:\n\t.quad __seamcall\n",
    "set-alias": "\t.set NAME, __seamcall\n\t.globl NAME\n",
    "weakref": "\t.weakref NAME, __seamcall\n",
    "sym-alias": "SYM_FUNC_ALIAS(NAME, __seamcall)\n",
    "module-call": '#include "tdxcall.S"\n\n' + _function("TDX_MODULE_CALL host=1"),
}
"""Ways to a function that makes one."""

MACROS = {
    "if-unknown": _function(f".if NAME_knob\n{BYTES}\n.endif"),
    "ifdef-unknown": _function(f".ifdef NAME_knob\n{BYTES}\n.endif"),
    "if-else": _function(f".if NAME_knob\nnop\n.else\n{BYTES}\n.endif"),
    "cpp-ifdef": _function(f"#ifdef CONFIG_NAME\n\t{BYTES}\n#endif"),
    "cpp-else": _function(f"#ifdef CONFIG_NAME\n\tnop\n#else\n\t{BYTES}\n#endif"),
    "cpp-elif": _function(f"#if NAME_LEVEL == 1\n\tnop\n#elif NAME_LEVEL == 2\n\t{BYTES}\n#endif"),
    "rept": _function(f".rept 1\n{BYTES}\n.endr"),
    "rept-nested": _function(f".rept 2\n.rept 1\n{BYTES}\n.endr\n.endr"),
    "rept-unknown": _function(f".rept NAME_times\n{BYTES}\n.endr"),
    "irp": _function(".irp value, 0x66, 0x0f, 0x01, 0xcf\n.byte \\value\n.endr"),
    "irpc": _function(".byte 0x66, 0x0f\n.irpc digit, 1\n.byte 0x0\\digit, 0xcf\n.endr"),
    "gas-macro": _function("NAME_do", f".macro NAME_do\n\t{BYTES}\n.endm\n\n"),
    "gas-macro-argument": _function(
        "NAME_do 0xcf", ".macro NAME_do last\n\t.byte 0x66, 0x0f, 0x01, \\last\n.endm\n\n"
    ),
    "gas-macro-default": _function("NAME_do", ".macro NAME_do op=seamcall\n\t\\op\n.endm\n\n"),
    "gas-macro-never-used": f".macro NAME_do\n\t{BYTES}\n.endm\n",
    "gas-macro-conditional": _function(
        "NAME_do host=1",
        f".macro NAME_do host:req\n.if \\host\n\t{BYTES}\n.else\n\tnop\n.endif\n.endm\n\n",
    ),
    "gas-macro-in-macro": _function(
        "NAME_do", f".macro NAME_in\n\t{BYTES}\n.endm\n.macro NAME_do\n\tNAME_in\n.endm\n\n"
    ),
    "cpp-macro": _function("NAME_DO", f"#define NAME_DO {BYTES}\n\n"),
    "cpp-macro-argument": _function(
        "NAME_DO(0x01, 0xcf)", "#define NAME_DO(a, b) .byte 0x66, 0x0f, a, b\n\n"
    ),
    "cpp-pasted": _function("NAME_CAT(seam, call)", "#define NAME_CAT(a, b) a##b\n\n"),
    "cpp-name": _function("NAME_OP", "#define NAME_OP seamcall\n\n"),
    "set-byte": _function(".byte 0x66, 0x0f, 0x01, NAME_last", "\t.set NAME_last, 0xcf\n"),
    "equ-long": _function(".long NAME_op", "\t.equ NAME_op, 0xcf010f66\n"),
    "assigned": _function(".long NAME_op", "NAME_op = 0xcf010f66\n"),
    "alternative": _function(f'ALTERNATIVE "", "{BYTES}", X86_FEATURE_TDX_HOST_PLATFORM'),
    "altinstr-section": _function(
        f'.pushsection .altinstr_replacement, "ax"\n771: {BYTES}\n772:\n.popsection'
    ),
    "other-section": _function(f'.section .noinstr.text, "ax"\n{BYTES}\n.previous'),
}
"""Names and conditions that the preprocessor or the assembler resolves."""

ALL = {f"gas-{name}": text for part in (PLAIN, CALLS, MACROS) for name, text in part.items()}
