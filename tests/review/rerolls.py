"""Rerolls of a small driver, made from a number: the same code under other lines and names."""

import random

HEAD = "#include <linux/printk.h>\n#include <asm/tdx.h>\n\n"
PATHS = ("arch/x86/virt/vmx/tdx/tdx.c", "arch/x86/kvm/vmx/tdx.c", "arch/x86/virt/vmx/tdx/start.c")
DEFECTS = (
    ("status-ignored", "\tseamcall(TDH_SYS_LP_INIT, {args});\n"),
    ("status-ignored", "\tseamcall(TDH_SYS_KEY_CONFIG,\n\t\t {args});\n"),
    ("status-ignored", "\ttdx_call_{n}(TDH_SYS_LP_INIT, {args});\n"),
    ("status-signed-test", '\tif (seamcall(TDH_SYS_LP_INIT, {args}) < 0)\n\t\tpr_err("no\\n");\n'),
    (
        "status-bit-test",
        '\tif (seamcall(TDH_SYS_KEY_CONFIG, {args}) & TDX_OPERAND_BUSY)\n\t\tpr_err("no\\n");\n',
    ),
    (
        "status-unmasked-compare",
        "\tif (seamcall(TDH_PHYMEM_PAGE_RECLAIM, {args}) == TDX_OPERAND_BUSY)\n\t\tcpu_relax();\n",
    ),
    ("status-printed-narrow", '\tpr_err("%x\\n", (u32)seamcall(TDH_SYS_LP_INIT, {args}));\n'),
    ("ctx-raw-seamcall", '\tif (__seamcall(TDH_SYS_LP_INIT, {args}))\n\t\tpr_err("no\\n");\n'),
    (
        "status-retry-unbounded",
        "\twhile (seamcall(TDH_SYS_KEY_CONFIG, {args}))\n\t\tcpu_relax();\n",
    ),
)
"""What is wrong, and the code of it; the third goes through a wrapper of the series."""
NAMES = ("start", "enable", "prepare", "bring_up", "ready", "wake")
ARGUMENTS = ("args", "in", "params", "regs_in", "call", "leaf_args")


class Reroll:
    """The state of a series' code: what a version may change without changing what it does."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.rule, self.defect = DEFECTS[seed % len(DEFECTS)]
        self.number = 1
        self.name, self.args = self.random.sample(NAMES, 1)[0], self.random.choice(ARGUMENTS)
        self.path = self.random.choice(PATHS)
        self.above, self.within = 0, 0
        self.twice = False
        self.first_of_file = False
        self.leaf = None

    @property
    def function(self):
        """Give the name of the function."""
        return f"tdx_{self.name}_cpu"

    def rename_function(self):
        """Call the function otherwise."""
        self.name = self.random.choice([name for name in NAMES if name != self.name])

    def rename_variable(self):
        """Call the variable otherwise."""
        self.args = self.random.choice([name for name in ARGUMENTS if name != self.args])

    def rename_wrapper(self):
        """Call the wrapper otherwise."""
        self.number += 1

    def shift(self):
        """Put lines above."""
        self.above += self.random.randint(1, 9)

    def grow(self):
        """Put a line into the function."""
        self.within += 1

    def move(self):
        """Put all of it into another file."""
        self.path = self.random.choice([path for path in PATHS if path != self.path])

    def swap(self):
        """Put the function to the other end of the file."""
        self.first_of_file = not self.first_of_file

    STEPS = (rename_function, rename_variable, rename_wrapper, shift, grow, move, swap)

    def next(self):
        """Do two or three of the steps."""
        for step in self.random.sample(self.STEPS, self.random.randint(2, 3)):
            step(self)

    def change(self):
        """Change what the finding is about: another leaf is called."""
        self.leaf = "TDH_SYS_INFO"

    def text(self):
        """Give the text of the file."""
        call = self.defect.format(args="&" + self.args, n=self.number)
        if self.leaf:
            leaf = next(
                word for word in call.replace(",", "(").split("(") if word.startswith("TDH")
            )
            call = call.replace(leaf, self.leaf)
        wrapper = (
            f"static u64 tdx_call_{self.number}(u64 fn, struct tdx_module_args *args)\n"
            "{\n\treturn seamcall(fn, args);\n}\n\n"
        )
        function = (
            f"void {self.function}(void)\n{{\n\tstruct tdx_module_args {self.args} = {{}};\n\n"
            + '\tpr_debug("on its way\\n");\n' * self.within
            + call * (1 + self.twice)
            + "}\n"
        )
        other = 'void tdx_say(void)\n{\n\tpr_info("here\\n");\n}\n'
        parts = (function, other) if self.first_of_file else (other, function)
        return HEAD + wrapper + "/* more to come */\n" * self.above + "\n".join(parts)

    def image(self):
        """Give path and text."""
        return self.path, self.text()
