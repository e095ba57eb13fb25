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

PUBLIC_BUGS = [
    ("ctx-assert-too-strong", "arch/x86/virt/vmx/tdx/tdx.c", "tdx_cpu_flush_cache"),
]
"""A CPU-offline callback may be preempted, and what it calls asserts that it may not (May 2026)."""


@pytest.fixture(scope="module")
def scanned(kernel_7):
    rules, abi = load_compiled((), None)
    return scan(DirectoryTree(kernel_7), Knowledge(rules=rules, abi=abi))


def test_nothing_is_raised_but_the_bug_that_is_public(scanned):
    alarms = [
        (finding.rule, finding.place.path, finding.function)
        for finding in scanned.findings
        if finding.severity is not Severity.NOTE
    ]

    assert alarms == PUBLIC_BUGS


def test_every_site_of_7_3_is_seen(scanned, kernel_7):
    version = re.findall(
        r"^(?:VERSION|PATCHLEVEL) = (\d+)", (kernel_7 / "Makefile").read_text(), re.MULTILINE
    )
    if version != ["7", "3"]:
        pytest.skip(f"sites are counted for 7.3, and this is {'.'.join(version)}")

    assert len(scanned.sites) == SITES


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
