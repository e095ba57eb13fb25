"""The pipeline: what a review says beyond its findings."""

from pathlib import Path

import pytest

from tdxreview.asm.oracle import Defect
from tdxreview.asm.prove.proof import Check, Proof
from tdxreview.errors import NothingToReviewError, UnreadInputError, UsageError
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.mail.intake import read_bytes, read_paths
from tdxreview.review.model import Verdict
from tdxreview.review.review import Knowledge, review
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.model import Severity

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def knowledge():
    folder = bundled_folder()
    return Knowledge(rules=load_rules(folder), abi=load_abi(folder))


def proof(*, holds, defects=()):
    check = Check(
        path="arch/x86/virt/vmx/tdx/seamcall.S",
        function="__seamcall",
        outcome="#UD",
        expected="0x8000ff0000000006",
        got="0x8000ff0000000006" if holds else "oops",
        holds=holds,
        steps=(),
        defects=defects,
    )
    return Proof((check,), ())


def instruction(knowledge, prover):
    intake = read_paths([EXAMPLES / "story" / "v2.mbox"])
    sites = review(intake, knowledge, prover=prover).sites
    (row,) = [site for site in sites if site.callee == "SEAMCALL"]
    return dict(row.states)["trap-proof"], row.verdict


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, ("by-reading", Verdict.CALLER)),
        (Proof((), ()), ("by-reading", Verdict.CALLER)),
        (proof(holds=True), ("by-running", Verdict.CALLER)),
        (proof(holds=False), ("refuted-by-running", Verdict.VIOLATED)),
    ],
)
def test_a_trap_verdict_says_whether_it_was_proven_by_running(knowledge, answer, expected):
    assert instruction(knowledge, lambda _images, _tree, _abi: answer) == expected


def test_what_running_refutes_and_reading_missed_is_a_finding_of_a_trap_rule(knowledge):
    intake = read_paths([EXAMPLES / "story" / "v2.mbox"])
    known = review(intake, knowledge).findings
    wrong = proof(holds=False, defects=(Defect.STATUS,))
    result = review(intake, knowledge, prover=lambda _images, _tree, _abi: wrong)
    (finding,) = [each for each in result.findings if each not in known]

    assert (finding.rule, finding.severity, finding.patch) == (
        *("trap-status-not-built", Severity.ERROR),
        2,
    )
    assert finding.place.path == "arch/x86/virt/vmx/tdx/seamcall.S"
    assert result.findings[0] == finding
    assert len(result.excerpts) == len(result.findings)
    assert result.not_examined == ()


def test_a_run_that_did_not_end_is_said(knowledge):
    intake = read_paths([EXAMPLES / "story" / "v2.mbox"])
    result = review(intake, knowledge, prover=lambda _images, _tree, _abi: proof(holds=False))
    (item,) = result.not_examined

    assert (item.patch, item.path) == (2, "arch/x86/virt/vmx/tdx/seamcall.S")
    assert item.reason.startswith("__seamcall: a way out comes out wrong when it is run")
    assert result.incomplete


def test_what_a_finding_tells_already_is_not_said_again(knowledge):
    intake = read_paths([EXAMPLES / "story" / "v1.mbox"])
    wrong = proof(holds=False, defects=(Defect.OOPS,))
    result = review(intake, knowledge, prover=lambda _images, _tree, _abi: wrong)

    assert (result.findings, result.not_examined) == (review(intake, knowledge).findings, ())


def test_nothing_is_run_for_a_series_without_the_instruction(knowledge):
    def prover(_images, _tree, _abi):
        raise AssertionError

    result = review(read_paths([EXAMPLES / "clean.mbox"]), knowledge, prover=prover)

    assert len(result.sites) == 2


def test_what_a_later_patch_repairs_is_a_note_on_the_earlier_one(knowledge):
    mail = (
        b"From: A <a@example.org>\nMessage-ID: <%d@example.org>\nSubject: [PATCH %d/2] x\n"
        b"In-Reply-To: <1@example.org>\n\nText.\n---\ndiff --git a/arch/x86/kvm/f.c "
        b"b/arch/x86/kvm/f.c\n%s\n"
    )
    first = b"""new file mode 100644
--- /dev/null
+++ b/arch/x86/kvm/f.c
@@ -0,0 +1,4 @@
+int f(struct tdx_module_args *args)
+{
+	return seamcall(TDH_SYS_KEY_CONFIG, args);
+}"""
    second = b"""--- a/arch/x86/kvm/f.c
+++ b/arch/x86/kvm/f.c
@@ -1,4 +1,4 @@
-int f(struct tdx_module_args *args)
+u64 f(struct tdx_module_args *args)
 {
 	return seamcall(TDH_SYS_KEY_CONFIG, args);
 }"""
    mails = [mail % (1, 1, first), mail % (2, 2, second)]
    box = b"".join(b"From a@example.org Mon Jan  1 00:00:00 2024\n%s\n" % each for each in mails)
    (finding,) = review(read_bytes(box, "box"), knowledge).findings

    assert (finding.rule, finding.patch, finding.severity) == (
        "series-fixed-later",
        1,
        Severity.NOTE,
    )
    assert finding.subject.defect_rule == "status-truncated"
    assert finding.message.endswith("(until patch 2/2 repairs it)")


def test_input_without_a_patch_is_nothing_to_review(knowledge):
    mail = b"From: A <a@example.org>\nSubject: Re: lunch\nMessage-ID: <1@example.org>\n\nYes.\n"

    with pytest.raises(NothingToReviewError, match=r"^one mail holds no patch; give a patch"):
        review(read_bytes(mail, "mail"), knowledge)


def test_input_in_which_a_patch_may_be_is_not_taken_for_empty(knowledge):
    mail = b"From: A <a@example.org>\nContent-Type: text/html\n\n<p>hello</p>\n"

    with pytest.raises(UnreadInputError, match=r"^one mail holds no patch that was read; mail"):
        review(read_bytes(mail, "mail"), knowledge)


def test_a_revision_that_is_not_there_is_named_with_what_is(knowledge):
    with pytest.raises(UsageError, match="2"):
        review(read_paths([EXAMPLES / "story" / "v2.mbox"]), knowledge, revision=7)
