"""Each finding and site says where it is in its own patch, and where once all are applied."""

import json

import pytest

from tdxreview.mail.intake import read_bytes
from tdxreview.report.json_report import json_report, json_sites
from tdxreview.review.review import Knowledge, review
from tdxreview.rules.compiled import load_compiled
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.tree import Base

PATH = "arch/x86/virt/vmx/tdx/tdx.c"
TREE = "int tdx_one(void)\n{\n\treturn 1;\n}\n\nint tdx_two(void)\n{\n\treturn 2;\n}\n"
HEAD = f"--- a/{PATH}\n+++ b/{PATH}\n"
CALL = HEAD + (
    "@@ -6,4 +6,7 @@ int tdx_one(void)\n int tdx_two(void)\n {\n"
    "+\tstruct tdx_module_args args = {};\n+\n+\tseamcall(TDH_SYS_LP_INIT, &args);\n"
    " \treturn 2;\n }\n"
)
SHIFT = HEAD + "@@ -1,3 +1,5 @@\n+/* One. */\n+\n int tdx_one(void)\n {\n \treturn 1;\n"
REWORD = HEAD + (
    "@@ -10,5 +10,5 @@ int tdx_two(void)\n \tstruct tdx_module_args args = {};\n \n"
    "-\tseamcall(TDH_SYS_LP_INIT, &args);\n+\tseamcall(TDH_SYS_INIT, &args);\n"
    " \treturn 2;\n }\n"
)
RENAME = (
    f"diff --git a/{PATH} b/arch/x86/virt/vmx/tdx/boot.c\nsimilarity index 100%\n"
    f"rename from {PATH}\nrename to arch/x86/virt/vmx/tdx/boot.c\n"
)
NOWHERE = HEAD + "@@ -1,3 +1,4 @@\n+/* ? */\n int tdx_three(void)\n {\n \treturn 3;\n"


@pytest.fixture(scope="module")
def knowledge():
    rules, abi = load_compiled((), None)
    return Knowledge(rules=rules, abi=abi)


@pytest.fixture(params=["patch", "tree"])
def told(request, knowledge, tmp_path):
    """Review diffs at both depths: give (what, patch, line, column, last line, last path)."""
    (tmp_path / PATH).parent.mkdir(parents=True)
    (tmp_path / PATH).write_text(TREE)
    base = Base(DirectoryTree(tmp_path), "a plain directory")
    find_base = (lambda _series: base) if request.param == "tree" else None

    def told(*diffs):
        mails = (
            f"From a@example.org Mon Jan  1 00:00:00 2024\n"
            f"From: A <a@example.org>\nMessage-ID: <{number}@example.org>\n"
            f"Subject: [PATCH {number}/{len(diffs)}] x\nIn-Reply-To: <1@example.org>\n\n"
            f"---\n{diff}\n"
            for number, diff in enumerate(diffs, start=1)
        )
        intake = read_bytes("".join(mails).encode(), "box")
        result = review(intake, knowledge, find_base=find_base)
        findings = json.loads(json_report(result))["findings"]
        sites = json.loads(json_sites(result))["sites"]
        return [
            (
                each.get("rule", "site"),
                each["patch"],
                each["line"],
                each["column"],
                each["last_line"],
                each.get("last_path"),
            )
            for each in (*findings, *sites)
            if each.get("rule", "status-ignored") == "status-ignored"
        ]

    return told


def both(*where):
    return [("status-ignored", *where), ("site", *where)]


def test_a_line_that_stays_has_one_number(told):
    assert told(CALL) == both(1, 10, 2, 10, None)


def test_a_later_patch_above_shifts_the_last_line_only(told):
    assert told(CALL, SHIFT) == both(1, 10, 2, 12, None)


def test_an_earlier_patch_above_shifts_both(told):
    later = CALL.replace("-6,4 +6,7", "-8,4 +8,7")

    assert told(SHIFT, later) == both(2, 12, 2, 12, None)


def test_a_line_that_a_later_patch_rewrites_is_gone(told):
    reworded = REWORD.replace("-10,5 +10,5", "-8,5 +8,5")

    assert told(CALL, reworded) == [
        ("status-ignored", 2, 10, 2, 10, None),
        ("status-ignored", 1, 10, 2, None, None),
        ("site", 2, 10, 2, 10, None),
    ]


def test_a_later_rename_names_the_last_path(told):
    last = "arch/x86/virt/vmx/tdx/boot.c"

    assert told(CALL, SHIFT, RENAME) == both(1, 10, 2, 12, last)


@pytest.mark.parametrize("told", ["tree"], indirect=True)
def test_a_patch_that_does_not_apply_shifts_nothing_with_a_tree(told):
    assert told(CALL, NOWHERE, SHIFT) == both(1, 10, 2, 12, None)
    assert told(CALL.replace("return 2", "return 3")) == both(1, 10, 2, None, None)
