"""`--format` and `--output`: where each format goes, and what happens if it cannot go there."""

import json
import os
import stat

import pytest


@pytest.fixture
def risky(reviewed, risky_review):
    reviewed(risky_review)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """Give an empty directory that the tool runs in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("risky")
def test_formats_go_to_files_and_text_to_stdout(tdxreview, tmp_path):
    ended = tdxreview("review", "x", "--output", f"json={tmp_path}/a.json")

    assert (ended.status, ended.err) == (1, "")
    assert "\nerror[vmx-wrong-cpu]  " in ended.out
    assert json.loads((tmp_path / "a.json").read_text())["schema"] == "tdxreview.review/1"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.usefixtures("risky")
def test_stdout_can_be_given_away(tdxreview, tmp_path):
    ended = tdxreview("review", "x", "--output", "json=-", "--output", f"text={tmp_path}/a")

    assert json.loads(ended.out)["schema"] == "tdxreview.review/1"
    assert (tmp_path / "a").read_text().startswith("x86/virt/tdx: ")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--format", "jsn"), "--format jsn: review has no format jsn; did you mean json?"),
        (("--output", "json"), "--output json: give NAME=FILE, as in sarif=report.sarif"),
        (("--output", "json="), "--output json=: give NAME=FILE, as in sarif=report.sarif"),
        (("--output", "json=no/a"), "--output json=no/a: there is no directory no"),
        (("--output", "json=."), "--output json=.: . is a directory"),
        (
            ("--format", "text", "--output", "json=-"),
            "standard output is to hold two formats; give each a file of its own",
        ),
        (
            ("--output", "text=a", "--output", "json=./a"),
            "a is to hold two formats; give each a file of its own",
        ),
    ],
)
def test_a_wish_that_cannot_be_is_said_before_anything_is_reviewed(
    tdxreview, reviewed, empty, arguments, problem
):
    requests = reviewed(RuntimeError("reviewed"))
    ended = tdxreview("review", "x", *arguments)

    assert (ended.status, ended.out, ended.err) == (2, "", f"tdxreview: {problem}\n")
    assert (requests, [*empty.iterdir()]) == ([], [])


@pytest.mark.usefixtures("risky")
def test_a_file_keeps_its_permissions_and_its_links(tdxreview, tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    tdxreview("review", "x", "--output", f"json={link}")

    assert (link.is_symlink(), stat.S_IMODE(real.stat().st_mode)) == (True, 0o640)
    assert real.read_text().startswith("{")


@pytest.mark.usefixtures("risky")
def test_a_new_file_is_as_open_as_the_umask_says(tdxreview, tmp_path):
    before = os.umask(0o027)
    try:
        tdxreview("review", "x", "--output", f"json={tmp_path}/a")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110
@pytest.mark.usefixtures("risky")
def test_a_format_that_cannot_be_written_is_named_and_the_others_are_written(tdxreview, tmp_path):
    ended = tdxreview("review", "x", "--output", "json=/dev/full", "--output", f"text={tmp_path}/a")

    assert (ended.status, ended.err) == (
        2,
        "tdxreview: cannot write json to /dev/full: No space left on device\n",
    )
    assert (tmp_path / "a").read_text() == ended.out


def test_every_command_has_the_same_options(tdxreview):
    listed = tdxreview("rules", "list", "--format", "json")
    shown = tdxreview("rules", "show", "status-ignored", "--output", "json=-")

    assert json.loads(listed.out)["schema"] == json.loads(shown.out)["schema"]
    assert [rule["id"] for rule in json.loads(shown.out)["rules"]] == ["status-ignored"]


@pytest.mark.usefixtures("risky")
def test_annotations_come_with_a_job_summary_where_github_names_its_file(
    tdxreview, tmp_path, monkeypatch
):
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    ended = tdxreview("review", "x", "--format", "github")

    assert ended.out.startswith("::error file=arch/x86/kvm/vmx/tdx_start.c,")
    assert summary.read_text().startswith("# Before\n## tdxreview: x86/virt/tdx: Start TDX when")


@pytest.mark.usefixtures("risky")
def test_a_job_summary_that_cannot_be_written_is_named(tdxreview, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/no/such/file")
    ended = tdxreview("review", "x", "--format", "github")

    assert ended.status == 2
    assert ended.err == (
        "tdxreview: cannot write markdown to $GITHUB_STEP_SUMMARY, /no/such/file: "
        "No such file or directory\n"
    )


@pytest.mark.usefixtures("risky")
@pytest.mark.parametrize("address", ["ftp://x", "https://", "https://a b", "javascript:alert(1)"])
def test_what_is_no_address_of_a_manual_is_refused(tdxreview, monkeypatch, address):
    monkeypatch.setenv("TDXREVIEW_MANUAL", address)
    ended = tdxreview("review", "x", "--format", "sarif")

    assert (ended.status, ended.out) == (2, "")
    assert ended.err == ("tdxreview: $TDXREVIEW_MANUAL: `manual` begins with https:// or http://\n")
