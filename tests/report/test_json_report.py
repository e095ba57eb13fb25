import json

import jsonschema
import pytest

from tdxreview.report.json_report import json_report, json_scan, json_sites
from tdxreview.report.schema import DOCUMENTS, schema_text
from tdxreview.source.model import NotExamined


def test_golden_json(risky_review, golden):
    golden("risky.json", json_report(risky_review))


def test_golden_sites_json(risky_review, golden):
    golden("sites.json", json_sites(risky_review))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_golden_schema(golden, document):
    golden(f"{document}.schema.json", schema_text(document))


@pytest.mark.parametrize(
    ("document", "write"),
    [("review", json_report), ("sites", json_sites), ("scan", json_scan)],
)
def test_documents_keep_their_schema(risky_review, make_review, document, write):
    validator = jsonschema.Draft202012Validator(json.loads(schema_text(document)))

    for review in (risky_review, make_review(), make_review(base=("6f1c0a2e", "base-commit"))):
        assert list(validator.iter_errors(json.loads(write(review)))) == []


def test_fields_stand_in_the_order_of_the_contract(risky_review):
    document = json.loads(json_report(risky_review))

    assert list(document) == [
        "schema", "tool", "depth", "base", "series", "sites", "findings", "remarks",
        "not_examined", "examined_in_part", "let_go", "summary", "hidden", "spent_suppressions",
        "as_of", "rules_left_out",
    ]  # fmt: skip
    assert list(document["findings"][0]) == [
        "rule", "family", "severity", "confidence", "origin", "message", "patch", "path", "line",
        "end_line", "function", "trace", "fix", "references", "fingerprint", "remarks", "column",
        "end_column", "last_line", "why",
    ]  # fmt: skip
    assert list(document["sites"][0]) == [
        "patch", "path", "line", "function", "callee", "leaf", "verdict", "states", "evidence",
        "status_use", "column", "end_column", "last_line",
    ]  # fmt: skip


def test_a_finding_about_the_series_has_null_for_a_place(make_review, make_finding):
    finding = make_finding(place=None, function="")
    (found,) = json.loads(json_report(make_review(findings=(finding,))))["findings"]

    assert (found["path"], found["line"], found["end_line"], found["function"]) == (None,) * 4


def test_only_removed_code_has_a_side(make_review, make_finding):
    review = make_review(findings=(make_finding(), make_finding(side="before")))
    after, before = json.loads(json_report(review))["findings"]

    assert ("side" in after, before["side"]) == (False, "before")


def test_patches_are_named_by_their_counter(make_review, make_series, make_patch, make_finding):
    review = make_review(
        series=make_series(total=20),
        patches=(make_patch(1, number=5, label="05/20"),),
        findings=(make_finding(patch=1),),
        not_examined=(NotExamined(1, "tdx.c", "cut off"), NotExamined(None, None, "lost")),
    )
    document = json.loads(json_report(review))

    assert document["series"]["patches"][0]["number"] == 5
    assert document["findings"][0]["patch"] == 5
    assert [item["patch"] for item in document["not_examined"]] == [5, None]


def test_patches_with_the_same_counter_are_named_by_their_place(make_review, make_patch):
    review = make_review(patches=(make_patch(1, number=1), make_patch(2, number=1, label="1a/3")))
    patches = json.loads(json_report(review))["series"]["patches"]

    assert [(patch["number"], patch["label"]) for patch in patches] == [(1, "1/3"), (2, "1a/3")]


def test_notes_are_in_it_and_counted(risky_review):
    document = json.loads(json_report(risky_review))

    assert [finding["severity"] for finding in document["findings"]].count("note") == 1
    assert document["summary"] == {
        "error": 1,
        "warning": 2,
        "note": 1,
        "sites": 3,
        "hidden": {"existing": 3, "suppressed": 0, "baseline": 0, "paths": 0},
    }


def test_sites_are_counted_by_verdict(risky_review):
    assert json.loads(json_sites(risky_review))["summary"] == {
        "ok": 1,
        "caller": 1,
        "unknown": 0,
        "violated": 1,
    }


def test_no_byte_of_a_mail_reaches_the_terminal_raw(make_review, make_finding):
    text = json_report(make_review(findings=(make_finding(message="\x1b[2J\x9b黄\u202e\x7f"),)))

    assert [char for char in text if not (" " <= char <= "\x7f" or char == "\n")] == []
    assert json.loads(text)["findings"][0]["message"] == "\x1b[2J\x9b黄\u202e\x7f"
