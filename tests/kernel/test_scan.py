"""A scan of upstream's tree raises nothing, and has a verdict for each of its sites."""

import pytest

from tdxreview.review.model import Verdict
from tdxreview.review.review import Knowledge
from tdxreview.review.scan import scan
from tdxreview.rules.compiled import load_compiled
from tdxreview.rules.model import Severity
from tdxreview.source.directory import DirectoryTree

SITES = {
    ("config_tdx_module", "TDH.SYS.CONFIG"): Verdict.CALLER,
    ("do_global_key_config", "TDH.SYS.KEY.CONFIG"): Verdict.CALLER,
    ("init_tdmr", "TDH.SYS.TDMR.INIT"): Verdict.CALLER,
    ("paddr_is_tdx_private", "TDH.PHYMEM.PAGE.RDMD"): Verdict.OK,
    ("read_sys_metadata_field", "TDH.SYS.RD"): Verdict.CALLER,
    ("tdx_cpu_enable", "TDH.SYS.LP.INIT"): Verdict.CALLER,
    ("try_init_module_global", "TDH.SYS.INIT"): Verdict.CALLER,
}
"""Every leaf that 6.12 calls, by the function that calls it."""


@pytest.fixture(scope="module")
def scanned(kernel):
    rules, abi = load_compiled((), None)
    return scan(DirectoryTree(kernel), Knowledge(rules=rules, abi=abi))


def test_upstreams_tree_raises_no_error_and_no_warning(scanned):
    alarms = [
        (finding.rule, str(finding.place), finding.message)
        for finding in scanned.findings
        if finding.severity is not Severity.NOTE
    ]

    assert alarms == []


def test_everything_that_has_to_do_with_seamcall_was_examined(scanned):
    assert scanned.not_examined == ()


def test_every_call_that_names_a_leaf_has_its_verdict(scanned):
    found = {(row.function, row.leaf): row.verdict for row in scanned.sites}

    assert {key: found.get(key) for key in SITES} == SITES


def test_what_callers_owe_is_shown_by_the_documented_contract(scanned):
    (row,) = [row for row in scanned.sites if row.function == "tdx_enable"]

    assert row.verdict is Verdict.CALLER
    assert any("tdx_enable() requires" in step.text for step in row.evidence)
