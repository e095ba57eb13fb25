"""What a hunk in the middle of a macro takes away."""

import pytest

from tdxreview.facts.trap.collect import gather_assembly
from tdxreview.facts.trap.removed import gather_changes
from tdxreview.facts.trap.schema import WRONG
from tdxreview.kernel.knowledge import Abi
from tdxreview.source.diff import split_diff
from tdxreview.source.images import change_of_file

ABI = Abi(leaves=(), statuses=(), wrappers=())
HEAD = """\
diff --git a/arch/x86/virt/vmx/tdx/tdxcall.S b/arch/x86/virt/vmx/tdx/tdxcall.S
--- a/arch/x86/virt/vmx/tdx/tdxcall.S
+++ b/arch/x86/virt/vmx/tdx/tdxcall.S
"""
ENTRY = """\
@@ -100,6 +100,{} @@
 	popq %rsi
 .endif
 	jmp .Lout\\@
{} .endif
 .endm
"""
INVALID = """\
@@ @@
 .Linvalid\\@:
-	mov $TDX_SEAMCALL_VMFAILINVALID, %rax
+	mov $TDX_SW_ERROR, %rax
 	jmp .Lfail\\@
"""
FAULT = "-	_ASM_EXTABLE_FAULT(.Lcall\\@, .Ltrap\\@)\n"


def change(hunk):
    old = sum(not line.startswith("+") for line in hunk.splitlines()[1:])
    new = sum(not line.startswith("-") for line in hunk.splitlines()[1:])
    fixed = f"@@ -100,{old} +100,{new} @@\n" + hunk.split("\n", 1)[1]
    (file,) = split_diff(HEAD + fixed).files
    return change_of_file(file, None, 1)


def broken(hunk):
    return [
        (fact, str(getattr(subject, fact)), subject.place.line)
        for subject in gather_changes([change(hunk)], ABI).subjects
        for fact, values in WRONG.items()
        if getattr(subject, fact) in values
    ]


def entry(added=""):
    return ENTRY.format(6, FAULT + added)


def fixup(removed, added):
    return f"""\
@@ -100,6 +100,6 @@
 .Ltrap\\@:
{removed}{added}
 .Lfail\\@:
 .if \\ret && \\saved
"""


@pytest.mark.parametrize(
    ("hunk", "found"),
    [
        (entry(), ("entry", "missing", 103)),
        (entry("+	_ASM_EXTABLE(.Lcall\\@, .Ltrap\\@)\n"), ("entry", "other", 103)),
        (entry("+	_ASM_EXTABLE_FAULT(.Ltrap\\@, .Lcall\\@)\n"), ("fixup", "swapped", 103)),
        (
            fixup(" 	movq $TDX_SW_ERROR, %rdi\n", "-	orq %rdi, %rax\n+	orl %edi, %eax\n"),
            ("trap_status", "wrong", 102),
        ),
        (
            "@@ @@\n 	seamcall\n-	jc .Linvalid\\@\n+	jnc .Linvalid\\@\n .else\n",
            ("vmfail", "inverted", 101),
        ),
        (
            entry("+	_ASM_EXTABLE_FAULT(.Lcall\\@, .Lout\\@)\n"),
            ("fixup", "past-conversion", 103),
        ),
        (
            "@@ @@\n 	seamcall\n-	jc .Linvalid\\@\n .else\n 	tdcall\n",
            ("vmfail", "untested", 101),
        ),
        (
            "@@ @@\n 	 */\n+	test %rax, %rax\n 	jc .Linvalid\\@\n .else\n",
            ("flags", "clobbered", 101),
        ),
        (
            fixup(
                "-	movq $TDX_SW_ERROR, %rdi\n",
                "-	orq %rdi, %rax\n+	orq $TDX_SW_ERROR, %rax\n",
            ),
            ("immediate", "too-wide", 101),
        ),
        (
            "@@ @@\n 	jmp .Lfail\\@\n-.Ltrap\\@:\n+.Ltrap:\n 	nop\n",
            ("labels", "repeated", 101),
        ),
        (
            "@@ @@\n 	popq %r15\n-	popq %r14\n 	popq %r13\n",
            ("exits", "stack", 101),
        ),
        (
            INVALID,
            ("vmfail", "wrong", 101),
        ),
    ],
)
def test_what_was_right_and_is_not_any_more_is_told(hunk, found):
    assert broken(hunk) == [found]


@pytest.mark.parametrize(
    "hunk",
    [
        entry("+	_ASM_EXTABLE_TYPE(.Lcall\\@, .Ltrap\\@, EX_TYPE_FAULT)\n"),
        entry("+	_ASM_EXTABLE_FAULT(.Lother\\@, .Ltrap\\@)\n"),
        fixup(" 	movq $TDX_SW_ERROR, %rdi\n", "-	orq %rdi, %rax\n+	addq %rdi, %rax\n"),
        "@@ @@\n 	seamcall\n-	jc .Linvalid\\@\n+	jb .Linvalid\\@\n .else\n",
        entry('+	.pushsection "__ex_table", "a"\n+	.long (1b) - .\n'),
        "@@ @@\n 	push %r12\n-	push %r13\n-	pop %r13\n 	pop %r12\n",
        "@@ @@\n-	seamcall\n-	jc .Linvalid\\@\n" + FAULT + " .else\n",
        "@@ @@\n 	seamcall\n+	jnc 1f\n-	pop %rdi\n+1:	pop %rdi\n 	nop\n",
        "@@ @@\n 	seamcall\n+	push $8\n+	push %rax\n+	lretq\n 	nop\n",
        "@@ @@\n .Lfail\\@:\n-.if \\a && \\b\n+.if \\b && \\a\n 	popq %rsi\n .endif\n",
        "@@ @@\n 	seamcall\n-.if \\ret\n+.if \\saved\n 	nop\n .endif\n 	popq %rsi\n",
        "@@ @@\n{0} 	pushq %rsi\n .endif\n{0} 	popq %rsi\n .endif\n".format(
            "-.if \\ret\n+.if \\saved\n"
        ),
    ],
)
def test_what_is_only_written_in_another_way_is_left_alone(hunk):
    assert broken(hunk) == []


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ("", [("noinstr_section", "left", 102)]),
        ('+.pushsection .noinstr.text, "ax"\n', []),
        ("+.section .text\n", [("noinstr_section", "left", 103)]),
    ],
)
def test_a_routine_that_leaves_the_section_of_noinstr_code_is_told(added, found):
    hunk = f"""\
@@ @@
 SYM_FUNC_END(own_first)
 /* quiet from here */
-.section .noinstr.text, "ax"
{added} SYM_FUNC_START(own_second)
 	TDX_MODULE_CALL host=1 ret=1
"""
    assert broken(hunk) == found


def test_a_pop_under_a_wider_condition_than_its_push_is_told():
    hunk = "@@ @@\n .Lfail\\@:\n-.if \\ret && \\saved\n+.if \\ret\n 	popq %rsi\n .endif\n"

    assert broken(hunk) == [("exits", "stack", 101)]


def test_a_bare_fragment_claims_nothing():
    after = change(entry()).after
    found = gather_assembly([after], ABI)

    assert (found.subjects, found.not_examined) == ((), ())


def test_a_seamcall_in_a_fragment_is_a_partial_routine():
    after = change("@@ @@\n .if \\host\n+	.byte 0x66,0x0f,0x01,0xcf\n .else\n").after
    (subject,) = gather_assembly([after], ABI).subjects

    assert (subject.partial, str(subject.entry), subject.place.line) == (True, "unknown", 101)
