import pytest

from tdxreview.cli.choices import FailOn
from tdxreview.cli.verdict import exit_status
from tdxreview.errors import ExitStatus
from tdxreview.rules.model import Severity
from tdxreview.source.model import NotExamined

CUT_OFF = (NotExamined(1, "arch/x86/virt/vmx/tdx/tdx.c", "cut off"),)


@pytest.mark.parametrize(
    ("worst", "fail_on", "expected"),
    [
        (Severity.ERROR, FailOn.ERROR, ExitStatus.FINDINGS),
        (Severity.WARNING, FailOn.ERROR, ExitStatus.CLEAN),
        (Severity.WARNING, FailOn.WARNING, ExitStatus.FINDINGS),
        (Severity.NOTE, FailOn.WARNING, ExitStatus.CLEAN),
        (Severity.NOTE, FailOn.NOTE, ExitStatus.FINDINGS),
        (Severity.ERROR, FailOn.NOTE, ExitStatus.FINDINGS),
        (Severity.ERROR, FailOn.NEVER, ExitStatus.CLEAN),
    ],
)
def test_findings_at_or_above_the_bar_count(make_review, make_finding, worst, fail_on, expected):
    review = make_review(findings=(make_finding(severity=worst),))

    assert exit_status(review, fail_on) is expected


def test_nothing_wrong_and_all_examined_is_clean(make_review):
    assert exit_status(make_review(), FailOn.NOTE) is ExitStatus.CLEAN


def test_code_that_was_not_examined_is_incomplete(make_review):
    review = make_review(not_examined=CUT_OFF)

    assert exit_status(review, FailOn.ERROR) is ExitStatus.INCOMPLETE


def test_a_finding_stands_whatever_was_not_examined(make_review, make_finding):
    review = make_review(findings=(make_finding(),), not_examined=CUT_OFF)

    assert exit_status(review, FailOn.ERROR) is ExitStatus.FINDINGS


def test_findings_that_do_not_count_leave_it_incomplete(make_review, make_finding):
    review = make_review(findings=(make_finding(),), not_examined=CUT_OFF)

    assert exit_status(review, FailOn.NEVER) is ExitStatus.INCOMPLETE


def test_exit_zero_makes_both_zero(make_review, make_finding):
    review = make_review(findings=(make_finding(),), not_examined=CUT_OFF)

    assert exit_status(review, FailOn.ERROR, exit_zero=True) is ExitStatus.CLEAN


def test_a_ci_may_take_what_is_incomplete_for_success(make_review, make_finding):
    found = make_review(not_examined=CUT_OFF, findings=(make_finding(severity=Severity.ERROR),))
    clean = make_review(not_examined=CUT_OFF)

    assert exit_status(clean, FailOn.ERROR, allow_incomplete=True) is ExitStatus.CLEAN
    assert exit_status(found, FailOn.ERROR, allow_incomplete=True) is ExitStatus.FINDINGS
