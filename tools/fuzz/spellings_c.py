"""Ways to make a SEAMCALL in C: each is file text with NAME where a fresh name goes."""

ARGUMENTS = "u64 fn, struct tdx_module_args *args"


def _body(statement: str, before: str = "") -> str:
    return f"{before}u64 NAME({ARGUMENTS})\n{{\n\t{statement}\n}}\n"


def _returns(expression: str, before: str = "") -> str:
    return _body(f"return {expression};", before)


def _asm(template: str, before: str = "") -> str:
    return _body(
        f'asm volatile({template} : "+a" (fn) : "c" (args) : "cc", "memory");\n\treturn fn;', before
    )


CALLS = {
    "call": _returns("__seamcall(fn, args)"),
    "call-ret": _returns("__seamcall_ret(fn, args)"),
    "call-saved": _returns("__seamcall_saved_ret(fn, args)"),
    "call-wrapper": _returns("seamcall(TDH_SYS_INIT, args)"),
    "call-in-parentheses": _returns("(__seamcall)(fn, args)"),
    "call-of-star": _returns("(*__seamcall)(fn, args)"),
    "call-of-address": _returns("(&__seamcall)(fn, args)"),
    "call-on-two-lines": _returns("__seamcall\n\t\t(fn,\n\t\t args)"),
    "call-behind-comment": _returns("__seamcall /* of the\n\t * module */ (fn, args)"),
    "call-spliced": _returns("__seam\\\ncall(fn, args)"),
    "call-in-argument": _returns("min(__seamcall(fn, args), fn)"),
    "call-in-choice": _returns("fn ? 0 : __seamcall(fn, args)"),
    "call-in-loop": _body("while (__seamcall(fn, args))\n\t\tcpu_relax();\n\treturn 0;"),
    "call-in-sizeof-array": _body("u64 all[] = { 0, __seamcall(fn, args) };\n\n\treturn all[1];"),
    "call-in-statement-expression": _returns("({ u64 r = __seamcall(fn, args); r; })"),
    "call-in-switch": _body("switch (__seamcall(fn, args)) {\n\tdefault:\n\t\treturn fn;\n\t}"),
    "call-in-generic": _returns("_Generic(fn, u64: __seamcall)(fn, args)"),
    "call-under-unknown-config": _body(
        "#ifdef CONFIG_NAME\n\treturn __seamcall(fn, args);\n#endif\n\treturn 0;"
    ),
    "call-in-else": _body(
        "#if NAME_LEVEL > 3\n\treturn 0;\n#else\n\treturn __seamcall(fn, args);\n#endif"
    ),
    "call-in-header": f"static inline u64 NAME({ARGUMENTS})\n"
    "{\n\treturn __seamcall(fn, args);\n}\n",
    "call-old-style": "u64 NAME(fn, args)\n\tu64 fn;\n\tstruct tdx_module_args *args;\n"
    "{\n\treturn __seamcall(fn, args);\n}\n",
    "more-than-8": _body(
        "".join("fn |= __seamcall(fn, args);\n\t" for _ in range(12)) + "return fn;"
    ),
}
"""Calls of a function that makes one, by its own name."""

_POINTER = "u64 (*call)(u64, struct tdx_module_args *)"
POINTERS = {
    "pointer": _body(f"{_POINTER} = __seamcall;\n\n\treturn call(fn, args);"),
    "pointer-later": _body(f"{_POINTER};\n\n\tcall = &__seamcall;\n\treturn (*call)(fn, args);"),
    "pointer-auto": _body("__auto_type call = __seamcall;\n\n\treturn call(fn, args);"),
    "pointer-typeof": _body("typeof(&__seamcall) call = &__seamcall;\n\n\treturn call(fn, args);"),
    "pointer-cast": _returns("((u64 (*)(u64, void *))__seamcall)(fn, args)"),
    "pointer-cast-to-number": _returns(
        "((u64 (*)(u64, void *))(unsigned long)__seamcall)(fn, args)"
    ),
    "pointer-in-ops": "static const struct NAME_ops NAME_ops = {\n\t.call = __seamcall,\n};\n"
    + _returns("NAME_ops.call(fn, args)"),
    "pointer-in-array": "static u64 (*const NAME_calls[])(u64, struct tdx_module_args *) = {\n"
    "\t__seamcall, __seamcall_ret,\n};\n" + _returns("NAME_calls[0](fn, args)"),
    "pointer-as-argument": _returns("sc_retry(__seamcall, fn, args)"),
    "pointer-returned": "sc_func_t NAME(void)\n{\n\treturn __seamcall_ret;\n}\n",
    "pointer-chosen": _returns("(fn & 1 ? __seamcall : __seamcall_ret)(fn, args)"),
    "static-call": "DEFINE_STATIC_CALL(NAME_call, __seamcall);\n"
    + _returns("static_call(NAME_call)(fn, args)"),
    "alias": f'u64 NAME({ARGUMENTS}) __attribute__((alias("__seamcall")));\n',
    "asm-label": f'u64 NAME_raw({ARGUMENTS}) asm("__seamcall");\n' + _returns("NAME_raw(fn, args)"),
}
"""The function's address, taken to be called elsewhere."""

MACROS = {
    "object-macro": "#define NAME_SC __seamcall\n" + _returns("NAME_SC(fn, args)"),
    "object-macro-twice": "#define NAME_A __seamcall\n#define NAME_B NAME_A\n"
    + _returns("NAME_B(fn, args)"),
    "function-macro": "#define NAME_DO(f, ...) f(__VA_ARGS__)\n"
    + _returns("NAME_DO(__seamcall, fn, args)"),
    "call-macro": "#define NAME_DO(a) __seamcall(TDH_SYS_INIT, a)\n" + _returns("NAME_DO(args)"),
    "pasted": "#define NAME_CAT(a, b) a##b\n" + _returns("NAME_CAT(__sea, mcall)(fn, args)"),
    "pasted-suffix": "#define NAME_DO(s) __seamcall##s(fn, args)\n" + _returns("NAME_DO(_ret)"),
    "function-making": "#define NAME_MAKE(n, leaf) u64 n(struct tdx_module_args *a) \\\n"
    "{ \\\n\treturn __seamcall(leaf, a); \\\n}\nNAME_MAKE(NAME_init, TDH_SYS_INIT)\n",
    "macro-of-asm": '#define NAME_OP ".byte 0x66,0x0f,0x01,0xcf"\n' + _asm("NAME_OP"),
    "macro-of-bytes": "#define NAME_OP 0x66,0x0f,0x01,0xcf\n"
    + _asm('".byte " __stringify(NAME_OP)'),
}
"""Names that the preprocessor makes."""

INLINE = {
    "asm-bytes": _asm('".byte 0x66,0x0f,0x01,0xcf"'),
    "asm-bytes-spaced": _asm('".byte  0x66 , 0x0f ,\\t0x01, 0xcf\\n\\t"'),
    "asm-bytes-decimal": _asm('".byte 102, 15, 1, 207"'),
    "asm-bytes-octal": _asm('".byte 0146, 017, 01, 0317"'),
    "asm-bytes-binary": _asm('".byte 0b1100110, 0xf, 0x1, 0b11001111"'),
    "asm-bytes-capitals": _asm('".byte 0X66, 0X0F, 0X01, 0XCF"'),
    "asm-bytes-split": _asm('".byte 0x66,0x0f," "0x01,0xcf"'),
    "asm-bytes-on-lines": _asm(
        '".byte 0x66\\n\\t"\n\t\t     ".byte 0x0f\\n\\t"\n\t\t     ".byte 0x01, 0xcf\\n\\t"'
    ),
    "asm-bytes-semicolons": _asm('".byte 0x66; .byte 0x0f; .byte 0x01; .byte 0xcf"'),
    "asm-mnemonic": _asm('"seamcall"'),
    "asm-mnemonic-capitals": _asm('"SEAMCALL"'),
    "asm-mnemonic-escaped": _asm('"\\x73" "eamcall"'),
    "asm-call": _asm('"call __seamcall"'),
    "asm-call-operand": _body(
        'asm volatile("call *%1" : "+a" (fn) : "r" (__seamcall), "c" (args));\n\treturn fn;'
    ),
    "asm-call-constant": _body(
        'asm volatile("call %c1" : "+a" (fn) : "i" (__seamcall), "c" (args));\n\treturn fn;'
    ),
    "asm-long": _asm('".long 0xcf010f66"'),
    "asm-short": _asm('".short 0x0f66, 0xcf01"'),
    "asm-ascii": _asm('".ascii \\"\\\\x66\\\\x0f\\\\x01\\\\xcf\\""'),
    "asm-alternative": _asm(
        'ALTERNATIVE("", ".byte 0x66,0x0f,0x01,0xcf", X86_FEATURE_TDX_HOST_PLATFORM)'
    ),
    "asm-stringify": _asm("__stringify(.byte 0x66,0x0f,0x01,0xcf)"),
    "asm-inline-goto": _body(
        'asm goto("1: .byte 0x66,0x0f,0x01,0xcf\\n\\t"\n\t\t _ASM_EXTABLE(1b, %l[out])\n'
        '\t\t : : "a" (fn), "c" (args) : "cc" : out);\nout:\n\treturn fn;'
    ),
    "asm-other-keyword": _body(
        '__asm__ __volatile__ (".byte 0x66,0x0f,0x01,0xcf" : "+a" (fn));\n\treturn fn;'
    ),
    "asm-top-level": 'asm(".globl NAME\\nNAME:\\n\\t.byte 0x66,0x0f,0x01,0xcf\\n\\tret\\n");\n',
    "asm-bytes-in-data": 'static const u8 NAME_code[] __section(".text") = {\n'
    "\t0x66, 0x0f, 0x01, 0xcf, 0xc3,\n};\n",
}
"""The instruction itself."""

ALL = {
    f"c-{name}": text for part in (CALLS, POINTERS, MACROS, INLINE) for name, text in part.items()
}
