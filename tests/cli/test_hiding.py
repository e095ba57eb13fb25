"""Suppressions and baselines as a run of the tool heeds them."""

import json
from pathlib import Path

import pytest

from tdxreview.cli.hiding import today
from tdxreview.errors import UsageError

STORY = str(Path(__file__).parent.parent.parent / "examples" / "story" / "v1.mbox")
RULE = "trap-no-exception-entry"
PATH = "arch/x86/virt/vmx/tdx/tdx.c"
HEADER = "arch/x86/include/asm/tdx.h"
ONE = "void tdx_one(void)\n{\n\tseamcall(TDH_SYS_LP_INIT, NULL);\n}\n"
TWO = "void tdx_two(void)\n{\n\tseamcall(TDH_SYS_KEY_CONFIG, NULL);\n}\n"


@pytest.fixture
def report(tdxreview, tmp_path):
    """Give a report on the story."""
    file = tmp_path / "v1.json"
    tdxreview("review", STORY, "--output", f"json={file}")
    return file


@pytest.fixture
def entries(tdxreview, report, tmp_path):
    """Give a file that accepts what the story is told of."""
    (finding,) = json.loads(report.read_text())["findings"]
    file = tmp_path / "known.yml"
    asked = ("suppress", str(report), finding["fingerprint"][:8], "--reason", "#UD is wanted: yes")
    assert tdxreview(*asked, "--until", "2026-06-30", "--into", str(file)).status == 0
    return file


def test_what_is_accepted_counts_no_more_and_is_counted(tdxreview, entries, monkeypatch):
    monkeypatch.setenv("TDXREVIEW_DATE", "2026-06-30")
    ended = tdxreview("review", STORY, "--suppressions", str(entries))

    assert ended.status == 0
    assert "0 errors, 0 warnings · 1 suppressed (as of 2026-06-30)\n" in ended.out


def test_every_format_counts_it(tdxreview, entries, monkeypatch):
    monkeypatch.setenv("TDXREVIEW_DATE", "2026-06-30")
    told = {
        name: tdxreview("review", STORY, "--suppressions", str(entries), "--format", name).out
        for name in ("json", "sarif", "markdown", "html")
    }
    document, log = json.loads(told["json"]), json.loads(told["sarif"])
    (hidden,) = document["hidden"]
    (result,) = log["runs"][0]["results"]

    assert (document["findings"], document["as_of"]) == ([], "2026-06-30")
    assert document["summary"]["hidden"] == {
        "existing": 0,
        "suppressed": 1,
        "baseline": 0,
        "paths": 0,
    }
    assert (hidden["by"], hidden["reason"], hidden["where"], hidden["finding"]["rule"]) == (
        "suppression",
        "#UD is wanted: yes",
        "known.yml:3",
        RULE,
    )
    assert result["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "#UD is wanted: yes (until 2026-06-30)",
        }
    ]
    assert "1 suppressed (as of 2026-06-30)" in told["markdown"]
    assert "1 suppressed (as of 2026-06-30)" in told["html"]


@pytest.mark.parametrize("form", ["concise", "github", "gitlab", "junit", "rdjson"])
def test_where_the_format_has_no_place_for_it_stderr_says_it(tdxreview, entries, monkeypatch, form):
    monkeypatch.setenv("TDXREVIEW_DATE", "2026-06-30")
    ended = tdxreview("review", STORY, "--suppressions", str(entries), "--format", form)

    assert ended.err == "tdxreview: 1 suppressed (as of 2026-06-30)\n"


def test_an_end_is_told(tdxreview, entries, monkeypatch):
    monkeypatch.setenv("TDXREVIEW_DATE", "2026-07-01")
    ended = tdxreview("review", STORY, "--suppressions", str(entries))

    assert ended.status == 1
    assert "suppression known.yml:3 has ended on 2026-06-30 (it is 2026-07-01)\n" in ended.out


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("format: 1\nsuppressions:\n  - fingerprint: a\n", ":3: a suppression lacks `reason`;"),
        ("format: 2\nsuppressions: []\n", ":1: the format 2 is not known; this version reads 1"),
        (
            "format: 1\nsuppressions:\n  - fingerprint: a\n    reason: b\n    until: soon\n",
            ":5: `soon` is no date; write YYYY-MM-DD",
        ),
        ("format: 1\nsuppresions: []\n", ":2: the file has no key `suppresions`; did you mean"),
    ],
)
def test_a_wrong_file_is_refused_with_the_line(tdxreview, tmp_path, text, problem):
    (tmp_path / "known.yml").write_text(text)

    ended = tdxreview("review", STORY, "--suppressions", str(tmp_path / "known.yml"))

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"tdxreview: {tmp_path}/known.yml{problem}")


def test_what_stands_in_a_report_is_known(tdxreview, report, tmp_path):
    """Also from a report that was itself made with a baseline."""
    again = tmp_path / "again.json"
    ended = tdxreview("review", STORY, "--baseline", str(report), "--output", f"json={again}")
    third = tdxreview("review", STORY, "--baseline", str(again))

    assert (ended.status, third.status) == (0, 0)
    assert "1 in the baseline" in third.out


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "x"}', '{"schema": "tdxreview.scan/1"}'])
def test_what_is_no_report_is_no_baseline(tdxreview, tmp_path, text):
    (tmp_path / "x.json").write_text(text)

    ended = tdxreview("review", STORY, "--baseline", str(tmp_path / "x.json"))

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"tdxreview: {tmp_path}/x.json: ")


def test_what_stands_at_a_revision_is_known(tdxreview, tmp_path, git, commit):
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, {HEADER: "\n", PATH: ONE}, "one")
    commit(tmp_path, {PATH: "/* moved */\n" + ONE + TWO}, "two")

    ended = tdxreview("scan", str(tmp_path), "--baseline", "HEAD~", "--format", "json")

    document = json.loads(ended.out)
    ignored = "status-ignored"
    assert [e["function"] for e in document["findings"] if e["rule"] == ignored] == ["tdx_two"]
    assert [e["finding"]["function"] for e in document["hidden"]] == ["tdx_one"]


def test_a_hostile_tree_changes_nothing(tdxreview, tmp_path, git, commit, monkeypatch):
    """Whatever it calls itself, a file of the reviewed tree says nothing about its review."""
    outcomes = []
    odd = {
        ".tdxreview.toml": 'ignore = ["status"]\nbaseline = "all.json"\n',
        "pyproject.toml": '[tool.tdxreview]\nignore = ["status"]\nfail-on = "never"\n',
        "tdx-rules/tdx-rules.yml": "format: 1\nignore: [status]\n",
        "tdx-rules/abi/wrappers.yml": "sources: {}\nwrappers: []\n",
        "suppressions.yml": "format: 1\nsuppressions: []\n",
        ".gitattributes": "*.c -diff binary\n* filter=x\n",
        ".config/tdxreview/config.toml": 'ignore = ["status"]\n',
    }
    for name, files in (("plain", {}), ("hostile", odd)):
        top = tmp_path / name / "linux"
        top.mkdir(parents=True)
        git(top, "init", "--quiet")
        commit(top, {HEADER: "\n", PATH: ONE, **files}, "one")
        commit(top, {PATH: ONE + TWO}, "two")
        if files:
            for key in ("ignore", "fail-on"):
                git(top, "config", f"tdxreview.{key}", "never")
        monkeypatch.chdir(top)
        ended = tdxreview("review", "--tree", ".", "HEAD~..HEAD", "--format", "json")
        document = json.loads(ended.out)
        for one in (document["base"], document["series"]["patches"][0]):
            one["commit"] = ""
        outcomes.append((ended.status, ended.err, json.dumps(document)))

    assert outcomes[0][0] == 1
    assert outcomes[0] == outcomes[1]


def test_the_date_comes_from_one_place():
    assert today({"TDXREVIEW_DATE": "2026-02-01", "SOURCE_DATE_EPOCH": "0"}) == "2026-02-01"
    assert today({"SOURCE_DATE_EPOCH": "86400"}) == "1970-01-02"
    with pytest.raises(UsageError, match="tomorrow is no date"):
        today({"TDXREVIEW_DATE": "tomorrow"})
