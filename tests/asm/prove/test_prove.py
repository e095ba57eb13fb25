"""The proof: five outcomes a function, by running."""

import json

from tdxreview.report.prove import json_prove, prove_report
from tdxreview.report.view import View

ENTRY = "\t_ASM_EXTABLE_FAULT(.Lcall, .Ltrap)\n"


def told(proof):
    return {check.outcome: (check.holds, check.got) for check in proof.checks}


def test_a_right_routine_gives_every_status(prove, routine):
    assert told(prove(routine())) == {
        "completed": (True, "0x0000000000000000"),
        "failed": (True, "0xc000010000000002"),
        "VMfailInvalid": (True, "0x8000ff00ffff0000"),
        "#UD": (True, "0x8000ff0000000006"),
        "#GP": (True, "0x8000ff000000000d"),
    }


def test_without_an_entry_a_trap_is_an_oops(prove, routine):
    assert told(prove(routine((ENTRY, ""))))["#UD"] == (False, "oops: no exception-table entry")


def test_a_plain_entry_leaves_the_leaf_in_rax(prove, routine):
    proof = prove(routine(("_ASM_EXTABLE_FAULT", "_ASM_EXTABLE")))

    assert told(proof)["#GP"] == (False, "RAX 0x8000ff0000010021")


def test_what_was_run_is_shown(prove, routine):
    proof = prove(routine(("\tor\t%rdi, %rax\n", "")))
    check = next(check for check in proof.checks if check.outcome == "#UD")

    assert check.steps[2:] == (
        "seamcall",
        "mov $0x8000ff0000000000,%rdi",
        "jmp .Ldone",
        "ret",
    )


def test_a_wrong_stack_is_told_by_its_bytes(prove, routine):
    proof = prove(routine(("\tRET", "\tpush\t%rax\n\tRET")))

    assert {check.holds for check in proof.checks} == {False}


def test_a_store_on_the_trap_path_is_told(prove, routine):
    stored = "\tor\t%rdi, %rax\n\tmov\t%rcx, TDX_MODULE_rcx(%rsi)\n"

    assert told(prove(routine(("\tor\t%rdi, %rax\n", stored))))["#UD"] == (False, "1 stored")


def test_memory_that_is_not_ours_stops_the_run(prove, routine):
    proof = prove(routine(("\tjc\t", "\tmov\t0x1234, %rcx\n\tjc\t")))

    assert told(proof)["completed"][1].startswith("the code goes wrong at mov 0x1234,%rcx")


def test_a_loop_without_end_stops_the_run(prove, routine):
    proof = prove(routine(("\tjc\t", "5:\tjmp\t5b\n\tjc\t")))

    assert told(proof)["completed"] == (False, "it does not come to an end")


def test_code_that_does_not_assemble_is_wrong(prove, routine):
    proof = prove(routine(("\tor\t%rdi, %rax", "\tor\t$TDX_SW_ERROR, %rax")))

    assert [(check.outcome, check.holds) for check in proof.checks] == [("assembled", False)]


def test_the_struct_in_view_gives_the_offsets(prove, routine):
    header = "struct tdx_module_args {\n\tu64 rdx;\n\tu64 rcx;\n};\n"
    shared = ("arch/x86/include/asm/shared/tdx.h", header)
    proof = prove(("arch/x86/virt/vmx/tdx/leaf.S", routine()), shared)

    assert proof.checks[0].steps[1] == "mov 0x8(%rsi),%rcx"


def test_the_report_shows_the_way_of_what_is_wrong(prove, routine):
    text = prove_report(prove(routine((ENTRY, ""))), View(width=80))

    assert "  WRONG #UD            0x8000ff0000000006  oops: no exception-table entry\n" in text
    assert text.endswith("5 ways out run, 2 wrong.\n")


def test_json_has_its_version_and_the_same_checks(prove, routine):
    document = json.loads(json_prove(prove(routine())))

    assert document["schema"] == "tdxreview.prove/1"
    assert document["summary"] == {"run": 5, "wrong": 0}
    assert document["checks"][3]["got"] == "0x8000ff0000000006"
