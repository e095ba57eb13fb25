"""Each example has its report beside it, and says what its name says."""

import os
from pathlib import Path

import pytest

from tdxreview.kernel.abi_loader import load_abi
from tdxreview.mail.intake import read_paths
from tdxreview.report.terminal import terminal_report
from tdxreview.report.view import View
from tdxreview.review.review import Knowledge, review
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.model import Severity

EXAMPLES = Path(__file__).parent.parent / "examples"
INPUTS = sorted(path for path in EXAMPLES.rglob("*") if path.suffix in (".mbox", ".txt"))
INPUTS = [path for path in INPUTS if not path.name.endswith(".report.txt")]


@pytest.fixture(scope="module")
def knowledge():
    folder = bundled_folder()
    return Knowledge(rules=load_rules(folder), abi=load_abi(folder))


def reviewed(name, knowledge):
    return review(read_paths([EXAMPLES / name]), knowledge)


def alarms(result):
    """Give rule, path and line of every error and warning, in the order of the report."""
    return [
        (finding.rule, finding.place.path.rpartition("/")[2], finding.place.line)
        for finding in result.findings
        if finding.severity is not Severity.NOTE
    ]


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.relative_to(EXAMPLES).as_posix())
def test_golden_reports_stand_beside_the_examples(path, knowledge):
    text = terminal_report(review(read_paths([path]), knowledge), View(width=80, notes=True))
    beside = path.with_suffix(".report.txt")
    if os.environ.get("TDXREVIEW_GOLDEN") == "write":
        beside.write_text(text, encoding="utf-8")

    assert beside.read_text(encoding="utf-8") == text


def test_the_clean_series_raises_nothing_and_is_examined_whole(knowledge):
    result = reviewed("clean.mbox", knowledge)

    assert (result.findings, result.not_examined) == ((), ())


def test_the_story_begins_with_a_seamcall_that_nothing_catches(knowledge):
    result = reviewed("story/v1.mbox", knowledge)

    assert alarms(result) == [("trap-no-exception-entry", "seamcall.S", 24)]


def test_the_story_ends_with_a_series_that_raises_nothing(knowledge):
    result = reviewed("story/v2.mbox", knowledge)

    assert alarms(result) == []


def test_the_risky_series_shows_every_family_of_the_mission_and_blames_each_line(knowledge):
    result = reviewed("risky.mbox", knowledge)

    assert alarms(result) == [
        ("trap-no-exception-entry", "tdx.c", 60),
        ("trap-vmfail-unchecked", "tdx.c", 60),
        ("status-truncated", "tdx.c", 83),
        ("status-bit-test", "tdx.c", 84),
        ("vmx-enable-unchecked", "tdx_start.c", 21),
        ("args-uninitialised", "tdx_start.c", 33),
        ("status-ignored", "tdx_start.c", 33),
        ("vmx-seamcall-after-disable", "tdx_start.c", 33),
    ]


def test_a_thread_is_reviewed_without_its_replies(knowledge):
    alone = reviewed("story/v1.mbox", knowledge)
    thread = reviewed("thread.mbox", knowledge)

    assert [finding.fingerprint for finding in alone.findings] == [
        finding.fingerprint for finding in thread.findings
    ]


def test_the_web_archives_reply_says_which_patch_it_is_about(knowledge):
    series = reviewed("archive.txt", knowledge).series

    assert (series.total, [patch.number for patch in series.patches], series.missing) == (
        2,
        [1],
        (2,),
    )
    assert series.patches[0].diff.splitlines()[2] == "+ .byte 0x66, 0x0f, 0x01, 0xcf"
