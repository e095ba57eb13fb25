"""What only follows from a finding: each report tells it inside, once and uncounted."""

import json

import pytest
from msgspec.structs import replace

from tdxreview.report.formats import Result, writer
from tdxreview.report.view import PLAIN
from tdxreview.source.place import Place

KVM = "arch/x86/kvm/vmx/own.c"


@pytest.fixture
def written(make_review, make_finding):
    """Write a review of one finding from which another one follows."""

    def written(name):
        cause = make_finding(place=Place(path=KVM, line=8, end_line=8), message="nobody looks")
        so = make_finding(
            rule="life-step-after-failure",
            place=Place(path=KVM, line=31, end_line=31),
            message="goes on all the same",
        )
        found = (replace(cause, consequences=(so,)),)
        return writer(name, Result.REVIEW)(make_review(findings=found), PLAIN)

    return written


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("text", "so     own.c:31 goes on all the same [life-step-after-failure]"),
        ("concise", "nobody looks (1 more follows from it)"),
        ("checkpatch", "nobody looks (1 more follows from it)"),
        ("markdown", f"  - so: `{KVM}:31`"),
        ("html", f"<code>{KVM}:31</code> goes on all the same [life-step-after-failure]"),
    ],
)
def test_a_report_tells_it_inside_its_cause(written, name, told):
    assert written(name).count(told) == 1


def test_json_has_it_whole_and_counts_only_the_cause(written):
    document = json.loads(written("json"))
    (found,) = document["findings"]
    (so,) = found["consequences"]

    assert (so["rule"], so["path"], so["line"]) == ("life-step-after-failure", KVM, 31)
    assert document["summary"]["error"] == 1


def test_a_finding_without_any_says_nothing_of_it(make_review, make_finding):
    document = json.loads(
        writer("json", Result.REVIEW)(make_review(findings=(make_finding(),)), PLAIN)
    )

    assert "consequences" not in document["findings"][0]
