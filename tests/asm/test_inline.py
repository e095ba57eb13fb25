"""SEAMCALLs in inline asm: what reading and running say of one statement."""

import pytest

PATH = "arch/x86/virt/vmx/tdx/leaf.c"
STATEMENT = """\
static u64 leaf(u64 fn, u64 rcx)
{
	u64 ret = fn;

	asm volatile("1:	.byte 0x66,0x0f,0x01,0xcf\\n"
		     "	jnc	2f\\n"
		     "	mov	%[invalid], %%rax\\n"
		     "	jmp	2f\\n"
		     "3:	or	%[error], %%rax\\n"
		     "2:\\n"
		     _ASM_EXTABLE_FAULT(1b, 3b)
		     : "+a" (ret), "+c" (rcx)
		     : [error] "r" (TDX_SW_ERROR),
		       [invalid] "i" (TDX_SEAMCALL_VMFAILINVALID)
		     : "rdx", "r8", "r9", "r10", "r11", "cc", "memory");
	return ret;
}
"""
WRONG = [
    ([("		     _ASM_EXTABLE_FAULT(1b, 3b)\n", "")], "entry"),
    ([("_ASM_EXTABLE_FAULT", "_ASM_EXTABLE")], "entry"),
    ([("(1b, 3b)", "(3b, 1b)")], "fixup"),
    ([("(1b, 3b)", "(1b, 2b)")], "fixup"),
    ([('"3:	or	%[error], %%rax\\n"', '"3:\\n"')], "trap_status"),
    ([("or	%[error], %%rax", "or	%k[error], %%eax")], "trap_status"),
    ([("or	%[error], %%rax", "and	%[error], %%rax")], "trap_status"),
    ([('"r" (TDX_SW_ERROR)', '"r" (TDX_ERROR)')], "trap_status"),
    ([("jnc	2f", "jc	2f")], "vmfail"),
    (
        [('		     "	jnc	2f\\n"\n		     "	mov	%[invalid], %%rax\\n"\n', "")],
        "vmfail",
    ),
    ([("%[invalid], %%rax", "%[invalid], %%rdx")], "vmfail"),
    ([('"	jnc', '"	test	%%rax, %%rax\\n	jnc')], "flags"),
    ([('"r" (TDX_SW_ERROR)', '"i" (TDX_SW_ERROR)')], "immediate"),
    ([('"	jnc', '"	push	%%rax\\n	jnc')], "exits"),
    ([('"	jnc', '"	mov	%%rax, %%rbx\\n	jnc')], "exits"),
]
RIGHT = [
    [],
    [("asm volatile", "asm_inline volatile")],
    [("jnc	2f", "jae	2f")],
    [("or	%[error]", "add	%[error]")],
    [("1:	.byte 0x66,0x0f,0x01,0xcf", "1:	.byte 0x66, 0x0f, 0x01, 0xcf")],
]


def changed(changes):
    text = STATEMENT
    for find, replace in changes:
        assert find in text
        text = text.replace(find, replace)
    return PATH, text


@pytest.mark.parametrize(("changes", "fact"), WRONG)
def test_a_wrong_statement_is_caught_by_reading(wrong, changes, fact):
    assert fact in {found for found, _, _ in wrong(changed(changes))}


@pytest.mark.parametrize(("changes", "fact"), WRONG)
def test_a_wrong_statement_is_caught_by_running(prove, changes, fact):
    checks = prove(changed(changes)).checks

    assert [check.holds for check in checks].count(False) > 0, fact


@pytest.mark.parametrize("changes", RIGHT)
def test_a_right_statement_is_silent_in_both(wrong, prove, changes):
    proof = prove(changed(changes))

    assert wrong(changed(changes)) == []
    assert (proof.holds, proof.not_proven) == (True, ())


def test_the_instruction_of_a_macro_is_found(wrong):
    text = STATEMENT.replace('"1:	.byte 0x66,0x0f,0x01,0xcf\\n"', '"1:" TDX_INSN "\\n"')
    define = '#define TDX_INSN ".byte 0x66,0x0f,0x01,0xcf"\n'

    assert wrong((PATH, define + text.replace("_FAULT", ""))) == [("entry", "other", 12)]


def test_flags_given_to_c_are_not_judged(wrong):
    text = STATEMENT.replace('"+c" (rcx)', '"+c" (rcx), "=@ccc" (carry)').replace(
        '		     "	jnc	2f\\n"\n		     "	mov	%[invalid], %%rax\\n"\n', ""
    )

    assert wrong((PATH, text)) == []


def test_a_number_that_c_converts_is_not_judged(wrong):
    text = STATEMENT.replace('"3:	or	%[error], %%rax\\n"', '"3:\\n"').replace(
        "return ret", "return ret == X86_TRAP_UD ? TDX_SEAMCALL_UD : ret"
    )

    assert "trap_status" not in {fact for fact, _, _ in wrong((PATH, text))}


def test_a_way_out_to_a_c_label_is_not_judged(wrong):
    text = """\
static u64 leaf(u64 fn)
{
	asm goto("1: .byte 0x66,0x0f,0x01,0xcf\\n jc %l[invalid]\\n"
		 _ASM_EXTABLE_FAULT(1b, %l[trap]) : : "a" (fn) : "memory" : invalid, trap);
	return 0;
invalid:
	return TDX_SEAMCALL_VMFAILINVALID;
trap:
	return TDX_SEAMCALL_UD;
}
"""

    assert wrong((PATH, text)) == []


def test_asm_in_comments_and_names_is_no_statement(gather):
    text = '/* asm("seamcall") */\nint asm_seamcall(int seamcall);\nregister u64 x asm("r8");\n'

    assert gather((PATH, text)).subjects == ()


@pytest.mark.parametrize(
    "text",
    [
        'asm volatile("seamcall',
        'asm("seamcall" : : ',
        'asm("seamcall" "' + "(" * 5000,
        "asm(seamcall(" * 500,
        'void f(void) { asm("%" "%[x] %l9 %q99 seamcall" : "=r" : [x] "" ); }',
    ],
)
def test_broken_statements_do_no_harm(gather, text):
    assert gather((PATH, text)).subjects == ()
