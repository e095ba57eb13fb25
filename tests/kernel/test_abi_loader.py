"""The ABI files: what is refused, and what the bundled ones say."""

import re
import shutil

import pytest

from tdxreview.errors import RuleError
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.kernel.tdx import Outputs, Returns
from tdxreview.rules.folders import bundled_folder

DETAILS = 0xFFFFFFFF


@pytest.fixture(scope="module")
def abi():
    return load_abi(bundled_folder())


@pytest.fixture
def data(tmp_path):
    """Give a copy of the bundled data that may be spoilt."""
    shutil.copytree(bundled_folder() / "abi", tmp_path / "abi")
    shutil.copy(bundled_folder() / "protocol.yml", tmp_path)
    return tmp_path


def spoil(path, pattern, replacement):
    text, count = re.subn(pattern, replacement, path.read_text(), count=1, flags=re.MULTILINE)
    assert count == 1
    path.write_text(text)


LEAVES, STATUSES, WRAPPERS = "abi/leaves.yml", "abi/statuses.yml", "abi/wrappers.yml"
PROTOCOL = "protocol.yml"


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "problem"),
    [
        (LEAVES, "number: 33$", "number: 35", r"`number` 35 is taken by line \d+; keep one"),
        (LEAVES, "number: 33$", "number: 65536", "`number` is a number from 0 to 65535"),
        (LEAVES, "number: 33$", "number: -1", "`number` is a number from 0 to 65535, not `-1`"),
        (LEAVES, r"\[TDH_SYS_INIT\]", "[TDH_SYS_RD]", "`macros` TDH_SYS_RD is taken by line"),
        (LEAVES, r"inputs: \[rcx\]", "inputs: [rax]", "`inputs` is never `rax`"),
        (LEAVES, r"addresses: \{rcx: 4096\}", "addresses: {rbp: 4096}", "pairs an input with"),
        (LEAVES, r"addresses: \{rcx: 4096\}", "addresses: {rcx: 4095}", "a power of two"),
        (LEAVES, r"versions: \{1: \[r8\]\}", "versions: {0: [r8]}", "a number from 1 to 255"),
        (LEAVES, "entropy: yes", "entropy: true", "`entropy` is `yes` or `no`, not `true`"),
        (LEAVES, r"expected: \[OPERAND_BUSY\]", "expected: [OPERAND_BUSI]", "did you mean `OPERA"),
        (LEAVES, r"source: \[module,", "source: [modul,", "no `modul`; did you mean `module`"),
        (LEAVES, "    source: .*\n", "", "a leaf lacks `source`; add `source:`"),
        (LEAVES, r"gives: \{rcx: 0\}", "gives: {r8: 0}", "`gives` is never `r8`; known are: rcx"),
        (LEAVES, r"gives: \{rcx: 0\}", "gives: {rcx: 16}", "`16` is no argument; count them"),
        (LEAVES, "takes-back: unnamed", "takes-back: unnamend", "is a mapping; write it as"),
        (LEAVES, r"takes-back: \{rcx: 0\}", "takes-back: {rbp: 0}", "is never `rbp`"),
        (LEAVES, "^    contended: yes", "    contended: often", "`contended` is `yes` or `no`"),
        (LEAVES, r"no-bug: \[VCPU_NOT", "no-bug: [VCPU_NO", "did you mean `VCPU_NOT_ASSOC"),
        (STATUSES, "0x8000020000000000", "0x8000020000000001", "with details are 0"),
        (STATUSES, "0x8000020000000000", "0x80000200000000000", "is a number from 0"),
        (STATUSES, "0x8000020000000000", "0x8000020300000000", "is taken by line"),
        (STATUSES, "    software: yes\n", "", "Linux's own; say `software: yes`"),
        (WRAPPERS, "returns: errno", "returns: error", "`returns` is never `error`; did you"),
        (WRAPPERS, "    leaf-argument: 0\n", "", "has `leaf` or `leaf-argument`; keep one"),
        (WRAPPERS, "leaf: TDH.VP.ENTER", "leaf: TDH.VP.ENTRY", "did you mean `TDH.VP.ENTER`"),
        (WRAPPERS, "arity: 7", "arity: 2", "`name` seamcall/2 is taken by line"),
        (WRAPPERS, "struct-argument: 1$", "struct-argument: 99", "a number from 0 to 15"),
        (PROTOCOL, r"ensures: \[vmx-on@cpu\]", "ensures: [vmx-off@cpu]", "no state `vmx-off`; did"),
        (PROTOCOL, r"ensures: \[vmx-on@cpu\]", "ensures: [vmx-on@td]", "vmx-on is never @td"),
        (PROTOCOL, "leaf: TDH.SYS.RD", "leaf: TDH.SYS.RDD", "did you mean `TDH.SYS.RD`"),
        (PROTOCOL, "function: cpu_vmxon", "function: cpu_vmxoff", "is taken by line"),
        (PROTOCOL, r"callback: module_init, argument: 0", "callback: x", "goes with `argument`"),
        (PROTOCOL, r"callback: module_init, argument: 0", "suffix: x", "has one of `callback`,"),
        (PROTOCOL, r"runs-on: each", "runs-on: all", "`runs-on` is never `all`; known are: any"),
    ],
)
def test_inconsistent_data_is_refused_with_file_and_line(data, file, pattern, replacement, problem):
    spoil(data / file, pattern, replacement)

    with pytest.raises(RuleError) as caught:
        load_abi(data)

    assert re.match(rf"{re.escape(str(data / file))}:\d+: ", str(caught.value))
    assert re.search(problem, str(caught.value))


def test_a_missing_file_is_said(data):
    (data / PROTOCOL).unlink()

    with pytest.raises(RuleError, match=r"protocol\.yml: cannot be read"):
        load_abi(data)


@pytest.mark.parametrize(
    ("macro", "number"),
    [
        ("TDH_VP_ENTER", 0),
        ("TDH_MNG_ADDCX", 1),
        ("TDH_VP_CREATE", 10),
        ("TDH_MNG_INIT", 21),
        ("TDH_VP_INIT", 22),
        ("TDH_PHYMEM_PAGE_RDMD", 24),
        ("TDH_PHYMEM_PAGE_RECLAIM", 28),
        ("TDH_SYS_KEY_CONFIG", 31),
        ("TDH_SYS_INFO", 32),
        ("TDH_SYS_INIT", 33),
        ("TDH_SYS_RD", 34),
        ("TDH_SYS_LP_INIT", 35),
        ("TDH_SYS_TDMR_INIT", 36),
        ("TDH_PHYMEM_CACHE_WB", 40),
        ("TDH_VP_WR", 43),
        ("TDH_SYS_LP_SHUTDOWN", 44),
        ("TDH_SYS_CONFIG", 45),
        ("TDH_SYS_SHUTDOWN", 52),
        ("TDH_SYS_UPDATE", 53),
        ("TDH_PHYMEM_PAMT_ADD", 58),
        ("TDH_SYS_DISABLE", 69),
        ("P_SEAMLDR_INSTALL", 1),
    ],
)
def test_leaf_macros_stand_for_their_numbers(abi, macro, number):
    assert abi.leaf_of_macro[macro].number == number


@pytest.mark.parametrize(
    ("name", "gives", "takes_back", "unnamed"),
    [
        ("TDH.MNG.CREATE", (("rcx", 0),), (), False),
        ("TDH.MEM.PAGE.ADD", (("r8", 2),), (), False),
        ("TDH.MEM.PAGE.DEMOTE", (("r8", 3),), (), False),
        ("TDH.PHYMEM.PAGE.RECLAIM", (), (("rcx", 0),), False),
        ("TDH.MEM.SEPT.REMOVE", (), (), True),
        ("TDH.SYS.RD", (), (), False),
    ],
)
def test_what_leaves_do_to_pages(abi, name, gives, takes_back, unnamed):
    leaf = abi.leaf_of_name[name]

    assert (gives, takes_back, unnamed) == (leaf.gives, leaf.takes_back, leaf.takes_back_unnamed)


def test_two_leaves_write_the_metadata_of_pages(abi):
    writing = {leaf.name for leaf in abi.leaves if leaf.writes_pamt}

    assert writing == {"TDH.SYS.KEY.CONFIG", "TDH.SYS.TDMR.INIT"}


@pytest.mark.parametrize(
    ("macro", "value"),
    [
        ("TDX_SUCCESS", 0),
        ("TDX_NON_RECOVERABLE_VCPU", 0x4000000100000000),
        ("TDX_INTERRUPTED_RESUMABLE", 0x8000000300000000),
        ("TDX_OPERAND_INVALID", 0xC000010000000000),
        ("TDX_OPERAND_BUSY", 0x8000020000000000),
        ("TDX_PREVIOUS_TLB_EPOCH_BUSY", 0x8000020100000000),
        ("TDX_SYS_BUSY", 0x8000020200000000),
        ("TDX_RND_NO_ENTROPY", 0x8000020300000000),
        ("TDX_PAGE_METADATA_INCORRECT", 0xC000030000000000),
        ("TDX_VCPU_NOT_ASSOCIATED", 0x8000070200000000),
        ("TDX_KEY_GENERATION_FAILED", 0x8000080000000000),
        ("TDX_KEY_STATE_INCORRECT", 0xC000081100000000),
        ("TDX_KEY_CONFIGURED", 0x0000081500000000),
        ("TDX_NO_HKID_READY_TO_WBCACHE", 0x0000082100000000),
        ("TDX_FLUSHVP_NOT_DONE", 0x8000082400000000),
        ("TDX_EPT_WALK_FAILED", 0xC0000B0000000000),
        ("TDX_EPT_ENTRY_STATE_INCORRECT", 0xC0000B0D00000000),
        ("TDX_METADATA_FIELD_NOT_READABLE", 0xC0000C0200000000),
        ("TDX_SEAMCALL_VMFAILINVALID", 0x8000FF00FFFF0000),
        ("TDX_SEAMCALL_GP", 0x8000FF000000000D),
        ("TDX_SEAMCALL_UD", 0x8000FF0000000006),
        ("SEAMLDR_RND_NO_ENTROPY", 0x8000000000030001),
    ],
)
def test_status_macros_stand_for_their_values(abi, macro, value):
    assert abi.status_of_macro[macro].value == value


def test_only_statuses_with_details_have_to_be_masked(abi):
    masked = ("OPERAND_BUSY", "OPERAND_INVALID", "EPT_ENTRY_STATE_INCORRECT")
    exact = ("SUCCESS", "RND_NO_ENTROPY", "VCPU_NOT_ASSOCIATED", "INTERRUPTED_RESUMABLE")

    assert [abi.status_of_name[name].details for name in masked] == [True] * len(masked)
    assert [abi.status_of_name[name].details for name in exact] == [False] * len(exact)


def test_a_name_that_releases_gave_two_values_knows_both(abi):
    status = abi.status_of_macro["TDX_NON_RECOVERABLE_TD"]

    assert {status.value, *status.other_values} == {0x6000000200000000, 0x4000000200000000}


def test_masks_are_no_statuses(abi):
    assert abi.mask_of_macro["TDX_SW_ERROR"].value == 0x8000FF0000000000
    assert abi.mask_of_macro["TDX_ERROR"].value == 1 << 63
    assert abi.mask_of_macro["TDX_SEAMCALL_STATUS_MASK"].value == DETAILS << 32
    assert "TDX_ERROR" not in abi.status_of_macro


def test_generations_of_a_wrapper_are_told_apart_by_their_arguments(abi):
    new, old = abi.wrapper("seamcall", 2), abi.wrapper("seamcall", 7)

    assert (new.returns, new.struct_argument, new.retries) == (Returns.STATUS, 1, True)
    assert (old.returns, old.struct_argument, old.retries) == (Returns.UNKNOWN, 6, False)
    assert abi.wrapper("seamcall", 3) is None
    assert abi.wrapper_of_name["seamcall"] == new


def test_wrappers_that_print_return_an_errno(abi):
    names = [wrapper.name for wrapper in abi.wrappers if "prerr" in wrapper.name]

    assert {abi.wrapper_of_name[name].returns for name in names} == {Returns.ERRNO}


def test_only_the_assembly_functions_are_raw(abi):
    raw = {wrapper.name for wrapper in abi.wrappers if wrapper.raw}

    assert raw == {"__seamcall", "__seamcall_ret", "__seamcall_saved_ret"}


def test_a_td_is_entered_with_all_registers_and_no_retry(abi):
    enter = abi.wrapper_of_name["tdh_vp_enter"]

    assert (enter.leaf, enter.outputs) == ("TDH.VP.ENTER", Outputs.SAVED_RET)
    assert not enter.retries


def test_the_version_of_vp_init_adds_the_apic_id(abi):
    assert abi.leaf_of_name["TDH.VP.INIT"].versions == ((1, ("r8",)),)


def test_every_leaf_has_a_contract_that_wants_vmx(abi):
    without = [c.function for c in abi.leaf_contracts if "vmx-on@cpu" not in c.requires]

    assert len(abi.leaf_contracts) == len(abi.leaves)
    assert without == []


def test_what_turns_vmx_on_for_a_cpu_has_its_opposite(abi):
    ensured = {s for c in abi.contracts for s in c.ensures}
    cleared = {s for c in abi.contracts for s in c.clears}

    assert {"vmx-on@cpu", "vmx-on@all-cpus"} <= ensured & cleared


def test_turning_vmx_on_may_fail(abi):
    """What ensures it only says so where its result was looked at."""
    sure = [
        c.function
        for c in abi.contracts
        if {"vmx-on@cpu", "vmx-on@all-cpus"} & set(c.ensures) and not c.on_success
    ]

    assert sure == []


def test_the_core_reference_counts_for_vmx_only(abi):
    contract = abi.contract_of_function["x86_virt_get_ref"]

    assert (contract.arguments, contract.ensures) == (((0, "X86_FEATURE_VMX"),), ("vmx-on@cpu",))


def test_vmx_may_be_off_where_machines_break(abi):
    lawful = {name for e in abi.entry_points if e.vmx_may_be_off for name in e.functions}

    assert {"do_machine_check", "machine_kexec", "native_machine_crash_shutdown"} <= lawful
