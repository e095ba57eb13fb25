"""What reading says of small routines: the fact that is wrong, and the line to blame."""

import pytest

from tdxreview.facts.trap.collect import gather_assembly
from tdxreview.facts.trap.schema import WRONG
from tdxreview.source.text import image_of_text

ENTRY = "\t_ASM_EXTABLE_FAULT(.Lcall, .Ltrap)\n"
BUILD = "\tmov\t$TDX_SW_ERROR, %rdi\n\tor\t%rdi, %rax\n"
MACRO = """\
.macro CALL_IT host:req ret=0
	mov	%rdi, %rax
.Lcall\\@:
.if \\host
	.byte	0x66, 0x0f, 0x01, 0xcf
	jc	.Linvalid\\@
.else
	.byte	0x66, 0x0f, 0x01, 0xcc
.endif
.Ldone\\@:
	RET
.Linvalid\\@:
	mov	$TDX_SEAMCALL_VMFAILINVALID, %rax
	jmp	.Ldone\\@
.endm
"""


def test_a_right_routine_has_all_facts_and_none_is_wrong(gather, routine, wrong):
    (subject,) = gather(routine()).subjects

    assert wrong(routine()) == []
    assert (subject.function, subject.place.line, subject.partial) == ("tdx_leaf", 9, False)
    assert [
        str(fact)
        for fact in (
            subject.entry,
            subject.fixup,
            subject.trap_status,
            subject.vmfail,
            subject.flags,
            subject.immediate,
            subject.trap_outputs,
            subject.exits,
            subject.labels,
            subject.noinstr_section,
        )
    ] == [
        "fault",
        "conversion",
        "built",
        "converted",
        "kept",
        "fits",
        "kept-back",
        "balanced",
        "unique",
        "free",
    ]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ([(ENTRY, "")], ("entry", "missing", 9)),
        ([(ENTRY, "\t_ASM_EXTABLE(.Lcall, .Ltrap)\n")], ("entry", "other", 20)),
        ([(ENTRY, "\t_ASM_EXTABLE_FAULT(.Ltrap, .Lcall)\n")], ("fixup", "swapped", 20)),
        ([(ENTRY, "\t_ASM_EXTABLE_FAULT(.Lcall, .Ldone)\n")], ("fixup", "past-conversion", 20)),
        ([("\tor\t%rdi, %rax\n", "")], ("trap_status", "raw", 17)),
        ([("\tor\t%rdi, %rax\n", "\tor\t%edi, %eax\n")], ("trap_status", "narrowed", 18)),
        ([("\tor\t%rdi, %rax\n", "\tmov\t%rdi, %rax\n")], ("trap_status", "overwritten", 18)),
        ([("\tor\t%rdi, %rax\n", "\tand\t%rdi, %rax\n")], ("trap_status", "wrong", 18)),
        ([(BUILD, "\tor\t$TDX_SW_ERROR, %rax\n")], ("immediate", "too-wide", 17)),
        ([("\tjc\t.Linvalid\n", "")], ("vmfail", "untested", 9)),
        ([("\tjc\t", "\tjnc\t")], ("vmfail", "inverted", 10)),
        ([("$TDX_SEAMCALL_VMFAILINVALID", "$TDX_SW_ERROR")], ("vmfail", "wrong", 14)),
        ([("\tjc\t", "\ttest\t%rax, %rax\n\tjc\t")], ("flags", "clobbered", 10)),
        ([("\tRET", "\tpush\t%rax\n\tRET")], ("exits", "stack", 13)),
        ([("\tRET", "\tmov\t%rax, %rbx\n\tRET")], ("exits", "saved-register", 13)),
        ([("\tjc\t", "\tmov\t%rcx, %rax\n\tjc\t")], ("exits", "status-lost", 10)),
        (
            [(BUILD, BUILD + "\tmov\t%rcx, TDX_MODULE_rcx(%rsi)\n")],
            ("trap_outputs", "stored", 19),
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(wrong, routine, changes, found):
    assert wrong(routine(*changes)) == [found]


OWN = "#define TDX_SEAMCALL_VMFAILINVALID 0xffffffffffffffff\n"
PLAIN = (ENTRY, "\t_ASM_EXTABLE(.Lcall, .Ltrap)\n")


@pytest.mark.parametrize(
    "fixup",
    ["\tcall\tspurious_fault\n", "\tcmpb\t$0, rebooting\n\tje\t.Ldone\n\tmov\t$-14, %rax\n"],
)
def test_a_fixup_that_hangs_on_what_is_not_in_view_is_not_said_to_read_rax(wrong, routine, fixup):
    """KVM's fix-ups of 2021 ask whether the machine reboots, and stop it if not."""
    assert wrong(routine(PLAIN, (BUILD, fixup))) == []


def test_a_code_of_its_own_for_vmfailinvalid_is_right_where_it_is_defined(wrong, routine):
    assert wrong(OWN + routine()) == []


def test_a_constant_that_is_not_the_own_code_for_vmfailinvalid_is_wrong(wrong, routine):
    lost = ("$TDX_SEAMCALL_VMFAILINVALID", "$-2")

    assert [(fact, value) for fact, value, _ in wrong(OWN + routine(lost))] == [("vmfail", "wrong")]


def test_the_steps_of_a_fault_are_the_way_that_was_run(gather, routine):
    subject = gather(routine(("\tor\t%rdi, %rax\n", ""))).subjects[1]

    assert [(step.line, step.text) for step in subject.steps("trap_status")] == [
        (9, ".byte\t0x66, 0x0f, 0x01, 0xcf"),
        (17, "mov\t$TDX_SW_ERROR, %rdi"),
        (18, "jmp\t.Ldone"),
        (12, "RET"),
    ]


def test_an_instruction_that_is_not_known_leaves_the_facts_unknown(gather, routine):
    gathered = gather(routine(("\tjc\t", "\trdtsc\n\tjc\t")))
    (subject,) = gathered.subjects

    assert [str(subject.vmfail), str(subject.exits), str(subject.trap_status)] == [
        "unknown",
        "unknown",
        "built",
    ]
    assert [item.reason for item in gathered.not_examined] == [
        "tdx_leaf: `rdtsc ` is not known to the reader"
    ]


def test_a_macro_out_of_view_may_hold_the_entry(wrong, routine):
    assert wrong(routine((ENTRY, "\tSEAMCALL_ENTRY .Lcall, .Ltrap\n"))) == []


def test_tdcall_is_not_looked_at(gather, routine):
    assert gather(routine(("0xcf", "0xcc"))).subjects == ()


def test_one_macro_in_many_functions_is_one_subject(gather):
    uses = "".join(
        f"SYM_FUNC_START({name})\n\tCALL_IT host=1\nSYM_FUNC_END({name})\n" for name in ("a", "b")
    )
    found = [(s.variant, s.place.line, str(s.entry)) for s in gather(MACRO + uses).subjects]

    assert found == [("a, b", 5, "missing")]


def test_a_guests_use_of_the_macro_makes_no_seamcall(gather):
    use = "SYM_FUNC_START(a)\n\tCALL_IT host=0\nSYM_FUNC_END(a)\n"

    assert gather(MACRO + use).subjects == ()


def test_a_macro_that_nothing_uses_is_tried_with_its_switches(gather):
    found = [(s.variant, str(s.entry), str(s.vmfail)) for s in gather(MACRO).subjects]

    assert found == [("CALL_IT host=1", "missing", "converted")]


def test_an_included_file_is_read_where_it_is_included(gather):
    caller = '#include "call.S"\nSYM_FUNC_START(a)\n\tCALL_IT host=1\nSYM_FUNC_END(a)\n'
    files = [("arch/x86/tdx/call.S", MACRO), ("arch/x86/tdx/leaf.S", caller)]
    found = [(s.place.path, s.place.line, s.function) for s in gather(*files).subjects]

    assert found == [("arch/x86/tdx/call.S", 5, "a")]


def test_a_define_in_a_header_is_what_the_code_makes(wrong, routine):
    header = ("arch/x86/include/asm/tdx.h", "#define TDX_SW_ERROR (1 << 62)\n")
    code = ("arch/x86/virt/vmx/tdx/leaf.S", routine())

    assert wrong(header, code) == [("trap_status", "wrong", 18)]


def test_frame_pointers_are_part_of_the_way(wrong, routine):
    framed = routine(("\tmov\t%rdi, %rax\n", "\tFRAME_BEGIN\n\tmov\t%rdi, %rax\n"))

    assert wrong(framed) == [("exits", "stack", 13)]


def test_registers_passed_one_by_one_are_an_older_shape(wrong):
    source = """\
SYM_FUNC_START(__seamcall)
	FRAME_BEGIN
	push %r12
	push %r9
	mov %rdi, %rax
	mov %r8, %r9
	mov %rcx, %r8
	mov %rsi, %rcx
1:
	seamcall
	jnc 3f
	mov $TDX_SEAMCALL_VMFAILINVALID, %rax
	jmp 4f
2:
	mov $TDX_SW_ERROR, %r12
	or %r12, %rax
4:
	pop %r9
	jmp 5f
3:
	pop %r12
	test %r12, %r12
	jz 5f
	mov %rcx, 0(%r12)
	mov %rdx, 8(%r12)
	mov %r8, 16(%r12)
	mov %r9, 24(%r12)
	mov %r10, 32(%r12)
	mov %r11, 40(%r12)
5:
	pop %r12
	FRAME_END
	RET
	_ASM_EXTABLE_FAULT(1b, 2b)
SYM_FUNC_END(__seamcall)
"""

    assert wrong(source) == []


@pytest.mark.parametrize(
    "call", ["tdx_leaf(1, 0)", "marked(tdx_leaf, 1, 0)", "marked(1, &tdx_leaf)"]
)
def test_noinstr_code_wants_what_it_calls_in_its_section(wrong, routine, call):
    """Or hands to a helper that calls it."""
    caller = ("arch/x86/a.c", f"noinstr u64 enter(void)\n{{\n\treturn {call};\n}}\n")
    code = ("arch/x86/virt/vmx/tdx/leaf.S", routine())
    moved = ("arch/x86/virt/vmx/tdx/leaf.S", '.section .noinstr.text, "ax"\n' + routine())

    assert wrong(caller, code) == [("noinstr_section", "left", 5)]
    assert wrong(caller, moved) == []


@pytest.mark.parametrize(
    ("before", "section"),
    [
        ("", "text"),
        ('.section .noinstr.text, "ax"\n', "noinstr"),
        ('.pushsection .init.text, "ax"\n', "init"),
        ('.section .exit.text, "ax"\n', "exit"),
        ('.section .tdx.text, "ax"\n', "unknown"),
    ],
)
def test_the_section_that_the_code_stands_in(gather, routine, before, section):
    (subject,) = gather(("arch/x86/virt/vmx/tdx/leaf.S", before + routine())).subjects

    assert subject.section == section


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("__seamcall", []),
        ("__seamcall_ret", ["outputs"]),
        ("__seamcall_saved_ret", ["outputs"]),
        ("tdx_leaf", []),
    ],
)
def test_a_function_of_the_kernels_gives_back_what_it_is_known_for(abi, routine, name, expected):
    """The name says it, as every generation of the kernel has it."""
    image = image_of_text("arch/x86/virt/vmx/tdx/leaf.S", routine(("tdx_leaf", name)))
    found = gather_assembly([image], abi).subjects

    wrong = [str(each.exits) for each in found if each.exits in WRONG["exits"]]
    assert wrong == expected
