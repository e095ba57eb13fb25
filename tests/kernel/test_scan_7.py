"""A scan of Linux 7.3 tells the one bug that is there, and has a verdict for each of its sites."""

import re

import pytest

from tdxreview.review.review import Knowledge
from tdxreview.review.scan import scan
from tdxreview.rules.compiled import load_compiled
from tdxreview.rules.model import Severity
from tdxreview.source.directory import DirectoryTree

SITES = 119
"""How many SEAMCALL sites 7.3 has; those of a later kernel are not counted."""

PUBLIC_BUGS = {
    ("ctx-assert-too-strong", "arch/x86/virt/vmx/tdx/tdx.c", "tdx_cpu_flush_cache"): "7.3",
}
"""What is wrong in Linux itself, with the last kernel that surely has it.

A CPU-offline callback may be preempted, and what it calls asserts that it may not (May 2026).
"""

NOT_EXAMINED = {
    (
        "arch/x86/kernel/cpu/mshyperv.c",
        "ms_hyperv_init_platform() has too many paths to tell VMX operation",
    ),
    ("arch/x86/kvm/vmx/tdx.c", "__tdx_td_init() has too many paths to tell how far the module is"),
    (
        "arch/x86/virt/vmx/tdx/seamcall_internal.h",
        "__seamcall_dirty_cache() has too many paths to tell in which contexts it runs",
    ),
    (
        "arch/x86/virt/vmx/tdx/seamcall_internal.h",
        "sc_retry() has too many paths to tell in which contexts it runs",
    ),
}
"""What 7.3 has that is not looked at whole; it may only shrink."""


@pytest.fixture(scope="module")
def scanned(kernel_7):
    rules, abi = load_compiled((), None)
    return scan(DirectoryTree(kernel_7), Knowledge(rules=rules, abi=abi))


@pytest.fixture(scope="module")
def version(kernel_7):
    """Give the version of the kernel, as "7.3"."""
    text = (kernel_7 / "Makefile").read_text()
    return ".".join(re.findall(r"^(?:VERSION|PATCHLEVEL) = (\d+)", text, re.MULTILINE))


def test_nothing_is_raised_but_bugs_that_are_public(scanned, version):
    """A later kernel may have them mended, and has no others."""
    alarms = {
        (finding.rule, finding.place.path, finding.function)
        for finding in scanned.findings
        if finding.severity is not Severity.NOTE
    }

    assert alarms <= PUBLIC_BUGS.keys()
    assert {bug for bug, last in PUBLIC_BUGS.items() if last == version} <= alarms


def test_every_site_of_7_3_is_seen(scanned, version):
    if version != "7.3":
        pytest.skip(f"sites are counted for 7.3, and this is {version}")

    assert len(scanned.sites) == SITES


def test_what_is_not_examined_of_7_3_is_known(scanned, version):
    if version != "7.3":
        pytest.skip(f"it is known for 7.3, and this is {version}")
    found = {(each.path, each.reason) for each in scanned.not_examined}

    assert {each for each in found if "stands for a SEAMCALL" not in each[1]} == NOT_EXAMINED


@pytest.mark.parametrize(
    "maker", ["tdh_mng_vpflushdone", "tdh_vp_flush", "tdh_phymem_page_reclaim"]
)
def test_what_a_table_of_callbacks_leads_to_has_vmx_on(scanned, maker):
    """KVM's table names its callbacks by macros that two configurations define."""
    states = {dict(row.states)["vmx-on"] for row in scanned.sites if row.function == maker}

    assert states == {"on"}


def test_accessors_that_a_macro_makes_are_sites_of_their_own(scanned):
    """TDX_BUILD_TDVPS_ACCESSORS(64, STATE_NON_ARCH, state_non_arch) makes four functions."""
    made = {
        row.function: dict(row.states)["vmx-on"]
        for row in scanned.sites
        if row.function.startswith("td_state_non_arch_")
    }

    assert made == {
        "td_state_non_arch_read64": "on",
        "td_state_non_arch_write64": "caller",
        "td_state_non_arch_setbit64": "caller",
        "td_state_non_arch_clearbit64": "caller",
    }
