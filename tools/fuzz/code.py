"""Code that means nothing, around what is tried, and changes to code that keep what it means."""

import re
from random import Random

C_BEFORE = (
    "// SPDX-License-Identifier: GPL-2.0\n#include <linux/types.h>\n#include <asm/tdx.h>\n\n",
    "/* Notes on the order of things. */\n\n",
    "#define QUIET_LIMIT\t12\n#define quiet_twice(x)\t((x) + (x))\n\n",
    (
        "static int quiet_state;\n\nstatic int quiet_step(int by)\n{\n\tquiet_state += by;\n"
        "\treturn quiet_state > 3 ? -EINVAL : 0;\n}\n\n"
    ),
    "struct quiet_pair {\n\tu64 first;\n\tu64 second;\n};\n\n",
    "enum quiet_kind { QUIET_NONE, QUIET_SOME };\n\n",
)
C_AFTER = (
    (
        "\nint quiet_last(struct quiet_pair *pair)\n{\n\tif (!pair)\n\t\treturn -ENODEV;\n"
        "\tpair->first++;\n\treturn 0;\n}\n"
    ),
    "\nEXPORT_SYMBOL_GPL(quiet_step);\n",
    '\nMODULE_LICENSE("GPL");\n',
)
GAS_BEFORE = (
    "/* SPDX-License-Identifier: GPL-2.0 */\n#include <linux/linkage.h>\n\n\t.text\n",
    "SYM_FUNC_START(quiet_first)\n\txor %eax, %eax\n\tRET\nSYM_FUNC_END(quiet_first)\n\n",
    ".macro QUIET_SAVE reg:req\n\tpush \\reg\n.endm\n\n",
    "\t.set quiet_size, 64\n",
)
GAS_AFTER = (
    "\nSYM_FUNC_START(quiet_last)\n\tnop\n\tRET\nSYM_FUNC_END(quiet_last)\n",
    "\n\t.align 16\n",
)
_SPACE = re.compile(r"(?<=\S) (?=\S)")
_WORDS = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "heath",
    "inlet",
    "juniper",
)


def fresh_name(chance: Random) -> str:
    """Give a name for a function or macro that no kernel has."""
    return f"{chance.choice(_WORDS)}_{chance.choice(_WORDS)}{chance.randrange(100)}"


def named(text: str, chance: Random) -> str:
    """Put a fresh name for each NAME."""
    name = fresh_name(chance)
    return text.replace("CONFIG_NAME", f"CONFIG_{name.upper()}").replace("NAME", name)


def surrounded(text: str, chance: Random, *, gas: bool) -> str:
    """Put code around it that has nothing to do with SEAMCALL."""
    before, after = (GAS_BEFORE, GAS_AFTER) if gas else (C_BEFORE, C_AFTER)
    head = [piece for piece in before if chance.random() < 0.4]
    tail = [piece for piece in after if chance.random() < 0.4]
    return "".join((*head, text, *tail))


def respaced(text: str, chance: Random, *, gas: bool) -> str:
    """Write some of the spaces in another way that C, or the assembler, takes for a space."""
    ways = (" /* so */ ", "\t", "  ") if gas else (" /* so */ ", "\t", "  ", "\f", " \\\n ", "\n")
    return "".join(_respaced(line, chance, ways) for line in text.splitlines(keepends=True))


def _respaced(line: str, chance: Random, ways: tuple[str, ...]) -> str:
    plain = not any(mark in line for mark in "\"'\\#")
    if not plain or chance.random() < 0.6:
        return line
    return _SPACE.sub(lambda _: chance.choice(ways) if chance.random() < 0.3 else " ", line)
