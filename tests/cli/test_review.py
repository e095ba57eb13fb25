import json

import pytest

from tdxreview.errors import InputError, NothingToReviewError, RuleError, UsageError


def test_findings_go_to_stdout_and_the_status_is_1(tdxreview, reviewed, risky_review):
    reviewed(risky_review)
    ended = tdxreview("review", "thread.mbox")

    assert (ended.status, ended.err) == (1, "")
    assert "\nerror[vmx-wrong-cpu]  VMX is on for this CPU only" in ended.out


def test_a_clean_review_ends_with_0(tdxreview, reviewed, make_review):
    reviewed(make_review())
    ended = tdxreview("review", "thread.mbox")

    assert (ended.status, ended.err) == (0, "")


def test_json_is_one_document(tdxreview, reviewed, risky_review):
    reviewed(risky_review)
    ended = tdxreview("review", "thread.mbox", "--format", "json")

    assert json.loads(ended.out)["schema"] == "tdxreview.review/1"
    assert (ended.status, ended.err) == (1, "")


def test_notes_are_shown_when_asked_for(tdxreview, reviewed, risky_review):
    reviewed(risky_review)

    assert "note[series-fixed-later]" not in tdxreview("review", "x").out
    assert "note[series-fixed-later]" in tdxreview("review", "x", "--notes").out


def test_exit_zero_keeps_the_report(tdxreview, reviewed, risky_review):
    reviewed(risky_review)
    ended = tdxreview("review", "x", "--exit-zero")

    assert ended.status == 0
    assert "error[vmx-wrong-cpu]" in ended.out


def test_options_reach_the_pipeline(tdxreview, reviewed, make_review, tmp_path):
    requests = reviewed(make_review())
    tdxreview("review", "a", "b", "--revision", "2", "--rules", str(tmp_path), "--tree", ".")
    (request,) = requests

    assert request.inputs == ("a", "b")
    assert (request.revision, request.rules, str(request.tree)) == (2, (tmp_path,), ".")


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UsageError("give --tree"), 2, "tdxreview: give --tree\n"),
        (RuleError("my.yml", 3, "no such fact"), 2, "tdxreview: my.yml:3: no such fact\n"),
        (NothingToReviewError("holds no patch"), 3, "tdxreview: holds no patch\n"),
        (InputError("x: is\nempty \x1b[2J"), 3, "tdxreview: x: is empty [2J\n"),
    ],
)
def test_an_error_is_one_line_on_stderr(tdxreview, reviewed, error, status, line):
    reviewed(error)
    ended = tdxreview("review", "x")

    assert (ended.status, ended.out, ended.err) == (status, "", line)


def test_our_bug_is_one_line_that_says_how_to_report_it(tdxreview, reviewed, monkeypatch):
    monkeypatch.delenv("TDXREVIEW_DEBUG", raising=False)
    reviewed(KeyError("surprise"))
    ended = tdxreview("review", "x")

    assert (ended.status, ended.out) == (70, "")
    assert ended.err == (
        "tdxreview: KeyError: 'surprise'; this is a bug in tdxreview; set TDXREVIEW_DEBUG=1 for the"
        " traceback and report it with the input, if you can share it\n"
    )


def test_our_bug_shows_its_traceback_when_asked_for(tdxreview, reviewed, monkeypatch):
    monkeypatch.setenv("TDXREVIEW_DEBUG", "1")
    reviewed(KeyError("surprise"))

    with pytest.raises(KeyError):
        tdxreview("review", "x")


def test_an_interrupt_is_130_and_silent(tdxreview, reviewed):
    reviewed(KeyboardInterrupt())
    ended = tdxreview("review", "x")

    assert (ended.status, ended.out, ended.err) == (130, "", "")


@pytest.mark.parametrize("arguments", [("--format", "xml"), ("--revision", "0"), ("--nonsense",)])
def test_a_wrong_option_is_a_usage_error(tdxreview, arguments):
    ended = tdxreview("review", "x", *arguments)

    assert (ended.status, ended.out) == (2, "")
    assert ended.err


def test_sites_lists_them_and_does_not_count_findings(tdxreview, reviewed, risky_review):
    reviewed(risky_review)
    ended = tdxreview("sites", "x")

    assert ended.status == 4
    assert "caller's duty  tdx_page_reset()" in ended.out


def test_sites_has_json_of_its_own(tdxreview, reviewed, make_review):
    reviewed(make_review())
    ended = tdxreview("sites", "x", "--format", "json")

    assert (ended.status, json.loads(ended.out)["schema"]) == (0, "tdxreview.sites/1")


@pytest.mark.parametrize("document", ["review", "sites", "scan", "facts", "thread"])
def test_schema_prints_the_schema(tdxreview, document):
    ended = tdxreview("schema", document)

    assert ended.status == 0
    assert json.loads(ended.out)["$schema"].startswith("https://json-schema.org/")
