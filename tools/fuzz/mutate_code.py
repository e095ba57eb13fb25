"""Changes to the tokens of C and assembly before they become a diff."""

import re
from random import Random

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|[A-Za-z_.][\w.]*|0[xX]\w+|\d+|\s+|[-+<>=&|*/#!]+|.', re.DOTALL
)
_C_TOKENS = (
    *("*", "(", ")", "{", "}", ";", "[", "]", "&", "~", "?", ":", ",", "=", "==", "->", "##", "#"),
    *(
        "if",
        "else",
        "for",
        "do",
        "while",
        "switch",
        "case 0:",
        "default:",
        "goto out;",
        "out:",
        "return",
    ),
    *(
        "__seamcall",
        "seamcall",
        "u64",
        "static",
        "inline",
        "__always_inline",
        "noinstr",
        "asm volatile",
    ),
    *(
        "#define A A\n",
        "#if 0\n",
        "#endif\n",
        "#else\n",
        "#include __FILE__\n",
        "\\\n",
        "/*",
        "*/",
        "//",
    ),
    *(
        '"',
        "'",
        "'\\0'",
        '"\\x1b[2J"',
        "0xffffffffffffffffffff",
        "1e999",
        "TDX_SW_ERROR",
        "typeof(",
        "({",
        "})",
    ),
    *(
        "guard(mutex)(&m);",
        "scoped_guard(irqsave) {",
        "local_irq_save(f);",
        "cpus_read_lock();",
        "cpu_vmxoff();",
    ),
)
_GAS_TOKENS = (
    *(
        ".set ",
        ".set x, x\n",
        ".if ",
        ".else\n",
        ".endif\n",
        ".macro m a:vararg\n",
        ".endm\n",
        "m m\n",
    ),
    *(
        ".rept 99999999\n",
        ".rept -1\n",
        ".endr\n",
        ".irp a, b, c\n",
        ".irpc c, \n",
        "\\@",
        "\\a",
        "\\()",
    ),
    *(
        "SYM_FUNC_START()",
        "SYM_FUNC_START(",
        "SYM_FUNC_END(x)",
        ".org 0xffffffff\n",
        ".fill 99999999\n",
    ),
    *(
        ".byte 0x66,0x0f,0x01,0xcf\n",
        "seamcall\n",
        "call __seamcall\n",
        "jc 1b\n",
        "1:",
        "jmp .\n",
        "ret\n",
    ),
    *(
        '.include "/etc/passwd"\n',
        '.incbin "/etc/passwd"\n',
        '#include "/etc/passwd"\n',
        "#/**/include <x>\n",
    ),
    *(
        ".purgem m\n",
        ".exitm\n",
        ".altmacro\n",
        ".err\n",
        ".pushsection x\n",
        ".popsection\n",
        ".align 1<<62\n",
    ),
    *(
        "%rax",
        "$",
        "(%rsp,%rax,8)",
        "-9223372036854775808",
        "1/0",
        "1<<9999",
        '"',
        "'",
        "/*",
        "*/",
        ";",
        ",",
    ),
    *(
        "_ASM_EXTABLE_FAULT(.Lcall, .Ltrap)",
        "TDX_MODULE_CALL host=1 ret=1 saved=1\n",
        "push %rbp\n",
        "pop %rbp\n",
    ),
)
_DEEP = (
    "(",
    "*",
    "{",
    "[",
    "~",
    "-",
    "!",
    "(u64)",
    "if (x) ",
    "else ",
    "do ",
    "({",
    "a ? ",
    "a->",
    "a(",
    "&",
    "1+",
    "#if X\n",
    ".if 1\n",
    "x.",
    "sizeof ",
    "switch (x) { case 1: ",
    "/*",
    ".macro m\n",
    ".rept 2\n",
)
_OPEN = re.compile(r"return |= |\(|, |\{\n|;\n|^\t", re.MULTILINE)
"""Behind one of these an expression or a statement may begin."""
_LONGEST = 90_000


def tokens(text: str, chance: Random, *, gas: bool) -> str:
    """Drop, double, move or replace some tokens."""
    known = _GAS_TOKENS if gas else _C_TOKENS
    parts = _TOKEN.findall(text)
    for _ in range(chance.choice((1, 2, 5, 20))):
        at = chance.randrange(len(parts) + 1)
        end = min(len(parts), at + chance.choice((0, 0, 1, 1, 3)))
        parts[at:end] = chance.choice(
            ([], [chance.choice(known)], [" ", chance.choice(parts or [" "])])
        )
    return "".join(parts)


def deep(text: str, chance: Random, *, gas: bool) -> str:
    """Nest something as deep as 100 KB hold, or a little."""
    _ = gas
    piece = chance.choice(_DEEP)
    times = min(chance.choice((10, 10, 30, 100, 100, 300, 1000, 30_000)), _LONGEST // len(piece))
    ends = [found.end() for found in _OPEN.finditer(text)]
    at = chance.choice(ends) if ends and chance.random() < 0.7 else chance.randrange(len(text) + 1)
    return text[:at] + piece * times + text[at:]


def many(text: str, chance: Random, *, gas: bool) -> str:
    """Write the code again and again, each function by a name of its own and calling the last."""
    _ = gas
    times = min(chance.choice((2, 3, 4, 8, 8, 20, 100)), max(1, _LONGEST // max(1, len(text))))
    names = sorted(set(re.findall(r"\b([a-z_]\w+)\(", text)))
    swapped = chance.sample(names, min(len(names), 2))
    return "\n".join(_renamed(text, swapped, each) for each in range(times))


def splice(text: str, chance: Random, *, gas: bool) -> str:
    """Put pieces of the code into each other."""
    _ = gas
    lines = text.splitlines(keepends=True) or [""]
    start = chance.randrange(len(lines))
    piece = lines[start : start + chance.randrange(1, 12)]
    at = chance.randrange(len(lines) + 1)
    return "".join((*lines[:at], *piece, *lines[at:]))


def _renamed(text: str, names: list[str], number: int) -> str:
    for name in names:
        text = re.sub(rf"\b{name}\b", f"{name}_{number}", text)
    return text


ALL = (tokens, tokens, tokens, deep, many, splice)
