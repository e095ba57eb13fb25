"""No tool that runs for a patch opens a file that the patch names, by whatever spelling."""

import json
import re
import shutil
import subprocess
import sys

import pytest

SOURCE = "arch/x86/virt/vmx/tdx/leaf.S"
DRIVER = """
import json, sys
from tdxreview.asm.prove.prove import prove
from tdxreview.kernel.knowledge import Abi
from tdxreview.facts.trap.collect import gather_assembly
from tdxreview.source.text import image_of_text

abi = Abi(leaves=(), statuses=(), wrappers=())
for path, text in json.load(open(sys.argv[1])):
    images = [image_of_text(path, text)]
    gather_assembly(images, abi)
    prove(images, None, abi)
"""
LINES = [
    '#include "{0}"',
    "#include <{0}>",
    "# include\t<{0}>",
    '#/**/include "{0}"',
    '#/*\n*/include "{0}"',
    '/* */ # /* */ include /* */ "{0}"',
    '#\x0binclude "{0}"',
    '#\x0cinclude "{0}"',
    '#\x85include "{0}"',
    '#\u2028include "{0}"',
    '\u2029#include "{0}"',
    '\ufeff#include "{0}"',
    '#inc\\\nlude "{0}"',
    '#inc\\ \t\nlude "{0}"',
    '#inc\\\x0c\nlude "{0}"',
    '#include \\\n"{0}"',
    '%:include "{0}"',
    '??=include "{0}"',
    '%:%:include "{0}"',
    '#define F "{0}"\n#include F',
    "#define F <{0}>\n#include F",
    "#define I(x) <x>\n#include I({0})",
    '#define H #\nH include "{0}"',
    '#include_next "{0}"',
    "#include_next <{0}>",
    '#import "{0}"',
    '#embed "{0}"',
    '#if __has_include("{0}")\nnop\n#endif',
    '#if __has_embed("{0}")\nnop\n#endif',
    '#pragma GCC dependency "{0}"',
    '_Pragma("GCC dependency \\"{0}\\"")',
    '#line 1 "{0}"',
    '# 1 "{0}" 1',
    '.include "{0}"',
    '.INCLUDE "{0}"',
    'nop; .include "{0}"',
    'a: .include "{0}"',
    '.incbin "{0}"',
    '.incbin "{0}", 0, 16',
    '.macro M\n.include "{0}"\n.endm\nM',
    '.macro M a\n.inc\\a "{0}"\n.endm\nM lude',
    '.macro M a b\n\\a\\b "{0}"\n.endm\nM .inc bin',
    '.macro M a\n.inc\\()bin \\a\n.endm\nM "{0}"',
    '.macro M a:vararg\n\\a\n.endm\nM .include "{0}"',
    '.altmacro\n.macro M a\n.inc&a "{0}"\n.endm\nM bin\n.noaltmacro',
    '.irp x, bin, lude\n.inc\\x "{0}"\n.endr',
    '.irpc x, n\n.inclu\\()de "{0}"\n.i\\x\\()cbin "{0}"\n.endr',
    '.rept 2\n.incbin "{0}"\n.endr',
    '#define INC .include\nINC "{0}"',
    '#define CAT(a, b) a##b\nCAT(.inc, bin) "{0}"',
    '.section .text, "ax"\n.file "{0}"\n.file 1 "{0}"',
    '.ident "@{0}"\n@{0}',
    '.ascii "\\\n.incbin "{0}"',
    '.print "a"\x00.incbin "{0}"',
    '.dc.b "\n.include "{0}"\n"',
    'ALTERNATIVE "", ".incbin \\"{0}\\"", 3',
    '.reloc ., R_X86_64_NONE, "{0}"',
    '.symver a, "{0}"\n.weakref a, "{0}"\n.secrel32 "{0}"',
    '.cfi_personality 0, "{0}"\n.cfi_startproc simple, "{0}"',
    '.linefile 1 "{0}"\n.appfile "{0}"\n.stabs "{0}", 1, 2, 3, 4',
]
C_LINES = [
    'asm(".incbin \\"{0}\\"; seamcall");',
    'asm(".include \\"{0}\\"\\n\\tseamcall");',
    'asm("seamcall" : : "i" (".incbin \\"{0}\\""));',
    '#include "{0}"\nvoid f(void) {{ asm volatile("seamcall"); }}',
    '#define F ".incbin \\"{0}\\""\nvoid f(void) {{ asm volatile(F "\\n seamcall"); }}',
]
PATHS = ["@{0}", "-I{0}/leaf.S", "--version.S", "../../../{0}.S", "{0}.S"]
TOOLS = re.compile(r'execve\("(?:[^"]*/)?(as|unshare|bwrap|sh|dash|bash|mount|mkdir|cp|chroot)"')


@pytest.fixture
def traced(tmp_path):
    """Prove texts under strace; give the trace, and the file that nothing may open."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")

    def trace(files):
        job, log, driver = (tmp_path / name for name in ("job.json", "log", "driver.py"))
        job.write_text(json.dumps(files))
        driver.write_text(DRIVER)
        words = ["strace", "-f", "-qq", "-e", "trace=%file", "-o", log, sys.executable, driver, job]
        subprocess.run(words, check=True, timeout=300)
        return log.read_text(errors="replace").splitlines()

    return trace


@pytest.mark.slow
@pytest.mark.usefixtures("prove")
def test_no_spelling_opens_a_file_or_starts_another_tool(traced, tmp_path, routine):
    canary = tmp_path / "canary"
    canary.write_text("secret\n")
    files = [(SOURCE, f"{line.format(canary)}\n{routine()}") for line in LINES]
    files += [(SOURCE, routine(("\tRET\n", f"\tRET\n{line.format(canary)}\n"))) for line in LINES]
    files += [("arch/x86/virt/vmx/tdx/a.c", line.format(canary)) for line in C_LINES]
    files += [(path.format(canary), routine()) for path in PATHS]

    trace = traced(files)

    assert [line for line in trace if str(canary) in line] == []
    started = [line for line in trace if "execve(" in line and "ENOENT" not in line]
    others = [line for line in started if not TOOLS.search(line) and sys.executable not in line]
    assert others == []
    assert any('/as"' in line for line in started)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('#include "/etc/passwd"', '`"/etc/passwd"` is not in view'),
        ('#include "../../../../../../etc/passwd"', "is not in view"),
        ('#/**/include "/etc/passwd"', "is not in view"),
        ('#\x0binclude "/etc/passwd"', "is not in view"),
        ('%:include "/etc/passwd"', "is not in view"),
        ("#include WHATEVER", "`WHATEVER` is not in view"),
        ("#include_next <asm/asm.h>", "`#include_next` is not followed"),
        ('#embed "/etc/passwd"', "`#embed` is not followed"),
        ('.incbin "/etc/passwd"', "`.incbin` brings what is not in view"),
        ('.include "/etc/passwd"', "`.include` brings what is not in view"),
        ("#error no", "`#error` is not followed"),
    ],
)
def test_what_is_not_followed_is_not_proven_and_says_why(prove, routine, line, reason):
    proof = prove(f"{line}\n{routine()}")

    assert proof.checks == ()
    assert [reason in item.reason for item in proof.not_proven] == [True]


def test_a_statement_of_the_function_that_is_not_assembled_is_named(prove, routine):
    proof = prove(routine(("\tjc\t.Linvalid\n", "\tfrobnicate\n\tjc\t.Linvalid\n")))

    assert proof.checks == ()
    assert [item.reason for item in proof.not_proven] == [
        "not run: tdx_leaf: line 10: `frobnicate` is not an instruction that is assembled"
    ]


def test_what_another_function_holds_is_no_matter(prove, routine):
    other = "SYM_FUNC_START(other)\n\tfrobnicate\nSYM_FUNC_END(other)\n"

    assert [check.holds for check in prove(routine() + other).checks] == [True] * 5


def test_macros_that_double_each_other_run_into_the_limits(prove, routine):
    levels = "".join(f".macro M{n}\nM{n - 1}\nM{n - 1}\n.endm\n" for n in range(1, 40))
    proof = prove(f".macro M0\nnop\n.endm\n{levels}{routine()}M39\n")

    assert (proof.checks, len(proof.not_proven)) == ((), 1)


def test_c_macros_that_double_each_other_run_into_the_limits(prove, routine):
    levels = "".join(f"#define M{n} M{n - 1} M{n - 1}\n" for n in range(1, 60))
    proof = prove(f"#define M0 nop;\n{levels}{routine()}M59\n")

    assert {check.holds for check in proof.checks} <= {True}


def test_fifty_functions_share_one_emulator(prove, routine):
    made = (routine(("tdx_leaf", f"f{n}")).replace(".L", f".L{n}") for n in range(50))
    proof = prove("".join(made))

    assert [(check.function, check.holds) for check in proof.checks] == [
        (f"f{n}", True) for n in range(50) for _ in range(5)
    ]
