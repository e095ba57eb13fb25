"""The code that upstream has, sent as a new series, raises nothing."""

import os
import subprocess

import pytest

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.mail.intake import read_bytes
from tdxreview.review.review import Knowledge, review
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.model import Severity

FILES = (
    "arch/x86/include/asm/tdx.h",
    "arch/x86/include/asm/shared/tdx.h",
    "arch/x86/virt/vmx/tdx/Makefile",
    "arch/x86/virt/vmx/tdx/seamcall.S",
    "arch/x86/virt/vmx/tdx/tdxcall.S",
    "arch/x86/virt/vmx/tdx/tdx.h",
    "arch/x86/virt/vmx/tdx/tdx.c",
)
SITES = [
    ("do_global_key_config", "seamcall_prerr", "TDH.SYS.KEY.CONFIG"),
    ("config_tdx_module", "seamcall_prerr", "TDH.SYS.CONFIG"),
    ("init_tdmr", "seamcall_prerr_ret", "TDH.SYS.TDMR.INIT"),
    ("paddr_is_tdx_private", "__seamcall_ret", "TDH.PHYMEM.PAGE.RDMD"),
    ("read_sys_metadata_field", "seamcall_prerr_ret", "TDH.SYS.RD"),
    ("tdx_cpu_enable", "seamcall_prerr", "TDH.SYS.LP.INIT"),
    ("try_init_module_global", "seamcall_prerr", "TDH.SYS.INIT"),
    ("read_sys_metadata_field16", "read_sys_metadata_field", "TDH.SYS.RD"),
    ("tdx_cpu_enable", "try_init_module_global", "TDH.SYS.INIT"),
]
"""Every call in 6.12's tdx.c that names a leaf, and the calls of functions that wrap just one."""


def git(folder, *arguments):
    environment = os.environ | {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, env=environment).stdout


@pytest.fixture(scope="module")
def upstream_review(kernel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    git(folder, "init", "--quiet")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "nothing")
    for path in FILES:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes((kernel / path).read_bytes())
        git(folder, "add", path)
        git(folder, "commit", "--quiet", "--message", f"x86/virt/tdx: Add {path}")
    mbox = git(folder, "format-patch", "--stdout", "HEAD~7")
    folder = bundled_folder()
    knowledge = Knowledge(rules=load_rules(folder), abi=load_abi(folder))
    return review(read_bytes(mbox, "upstream.mbox"), knowledge)


def test_upstreams_own_code_raises_no_error_and_no_warning(upstream_review):
    alarms = [
        (finding.rule, str(finding.place), finding.message)
        for finding in upstream_review.findings
        if finding.severity is not Severity.NOTE
    ]

    assert alarms == []


def test_everything_of_upstreams_code_was_examined(upstream_review):
    assert upstream_review.not_examined == ()


def test_every_call_that_names_a_leaf_is_in_the_inventory(upstream_review):
    rows = sorted((row.function, row.callee, row.leaf) for row in upstream_review.sites if row.leaf)

    assert rows == sorted(SITES)
