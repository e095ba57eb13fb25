"""One defect, one finding: what is told by itself, and what as a consequence."""

import pytest
from msgspec.structs import replace

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.mail.intake import read_bytes
from tdxreview.review.causes import folded
from tdxreview.review.review import Knowledge, review
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.model import Confidence, Finding, Origin, Severity
from tdxreview.source.place import Place, Step

PATH = "arch/x86/virt/vmx/tdx/own.c"
DROPPED, FAULT, STEP = "status-ignored", "status-fault-as-success", "life-step-after-failure"
LOCK, LOADER = "ctx-contract-weakened", "ctx-seamldr-unserialised"


@pytest.fixture(scope="module")
def rules():
    return load_rules(bundled_folder())


@pytest.fixture(scope="module")
def knowledge(rules):
    return Knowledge(rules=rules, abi=load_abi(bundled_folder()))


def finding(rule, line, *way, function="own_start", **fields):
    """Give a finding in a line, with a way over other lines to it."""
    given = {"severity": Severity.ERROR, "origin": Origin.NEW, "patch": 1, "subject": None} | fields
    return Finding(
        rule=rule,
        family=rule.partition("-")[0],
        confidence=Confidence.HIGH,
        message=f"{rule} {line}",
        why="",
        fix="",
        references=(),
        place=Place(path=PATH, line=line, end_line=line),
        function=function,
        trace=tuple(Step(PATH, at, "") for at in (*way, line)),
        fingerprint=f"{rule}{line}",
        **given,
    )


def told(found, rules):
    """Give the findings by rule and line, each with those of its consequences."""
    return {
        f"{each.rule} {each.place.line}": [f"{c.rule} {c.place.line}" for c in each.consequences]
        for each in folded(found, rules)
    }


def test_what_leads_over_a_dropped_result_follows_from_it(rules):
    found = [finding(FAULT, 20, 10), finding(DROPPED, 10), finding(STEP, 15, 10)]

    assert told(found, rules) == {f"{DROPPED} 10": [f"{STEP} 15", f"{FAULT} 20"]}


def test_another_result_that_is_dropped_is_a_defect_of_its_own(rules):
    found = [finding(DROPPED, 10), finding(DROPPED, 12), finding(FAULT, 20, 12)]

    assert told(found, rules) == {f"{DROPPED} 10": [], f"{DROPPED} 12": [f"{FAULT} 20"]}


@pytest.mark.parametrize(
    "other",
    [
        finding(FAULT, 20, 11),
        finding(FAULT, 20, 10, patch=2),
        finding(FAULT, 20, 10, repaired_by="3"),
        finding("status-truncated", 20, 10),
    ],
    ids=["another way", "another patch", "repaired later", "a rule that follows from nothing"],
)
def test_what_only_stands_near_is_told_by_itself(rules, other):
    found = [finding(DROPPED, 10), other]

    assert told(found, rules) == {f"{DROPPED} 10": [], f"{other.rule} 20": []}


def test_in_untouched_code_the_only_possible_cause_of_the_patch_is_it(rules):
    affected = finding(STEP, 90, 80, origin=Origin.AFFECTED, function="own_enable")
    one, two = finding(DROPPED, 10), finding(DROPPED, 12)

    assert told([one, affected], rules) == {f"{DROPPED} 10": [f"{STEP} 90"]}
    assert told([one, two, affected], rules) == {
        f"{DROPPED} 10": [],
        f"{DROPPED} 12": [],
        f"{STEP} 90": [],
    }


def test_callers_of_what_lost_its_lock_follow_through_each_other(rules, make_site):
    lost = finding(LOCK, 5, function="own_call")
    near = finding(LOADER, 30, function="own_info", subject=make_site(callee="own_call"))
    far = finding(LOADER, 60, function="own_show", subject=make_site(callee="own_info"))
    apart = finding(LOADER, 70, function="own_else", subject=make_site(callee="own_other"))

    assert told([near, far, apart, lost], rules) == {
        f"{LOCK} 5": [f"{LOADER} 30", f"{LOADER} 60"],
        f"{LOADER} 70": [],
    }


def test_what_is_graver_than_its_cause_is_told_by_itself(rules):
    mild = replace(finding(DROPPED, 10), severity=Severity.WARNING)

    assert told([mild, finding(FAULT, 20, 10)], rules) == {f"{DROPPED} 10": [], f"{FAULT} 20": []}


def test_findings_that_call_each_other_in_a_ring_keep_one(rules, make_site):
    one = finding(LOADER, 30, function="own_a", subject=make_site(callee="own_b"))
    two = finding(LOADER, 60, function="own_b", subject=make_site(callee="own_a"))

    assert told([one, two], rules) == {f"{LOADER} 30": [f"{LOADER} 60"]}


def test_a_note_is_no_cause_of_a_warning(rules):
    note = replace(finding(DROPPED, 10), severity=Severity.NOTE)

    assert told([note, finding(FAULT, 20, 10)], rules) == {f"{FAULT} 20": [], f"{DROPPED} 10": []}


def test_every_cause_that_a_rule_names_is_a_rule(rules):
    named = {other for rule in rules.rules for other in rule.follows}

    assert named <= rules.of_id.keys()


MAIL = """From: Ann Beck <ann@own.example>
Subject: [PATCH] x86/virt/tdx: Start our own way
Date: Mon, 2 Mar 2026 09:00:00 +0000
Message-ID: <own@own.example>

Why.
---
diff --git a/{path} b/{path}
new file mode 100644
--- /dev/null
+++ b/{path}
@@ -0,0 +1,7 @@
+int own_start(void)
+{{
+	struct tdx_module_args args = {{}};
+
+	seamcall_prerr(TDH_SYS_INIT, &args);
+	return 0;
+}}
"""


def test_a_dropped_result_is_one_finding_of_a_review(knowledge):
    (found,) = review(read_bytes(MAIL.format(path=PATH).encode(), "mail"), knowledge).findings

    assert (found.rule, found.place.line) == (DROPPED, 5)
    assert [(each.rule, each.place.line) for each in found.consequences] == [(FAULT, 6)]
    assert [each.last for each in found.consequences] == [(PATH, 6)]


def test_no_rule_is_graver_than_the_causes_that_it_names(rules):
    ranks = {rule.id: rule.severity.rank for rule in rules.rules}

    assert [
        (rule.id, other)
        for rule in rules.rules
        for other in rule.follows
        if ranks[other] > ranks[rule.id]
    ] == []
