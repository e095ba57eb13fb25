"""The example that is a conversation: what each command makes of it stands beside it."""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from tdxreview.cli.main import run
from tdxreview.report.schema import schema_text

TALK = Path(__file__).parent.parent / "examples" / "talk.mbox"


@pytest.fixture
def told(capsys, monkeypatch):
    """Give what a command prints of the example."""
    monkeypatch.setenv("COLUMNS", "80")

    def printed(*arguments):
        run([*arguments, str(TALK)])
        return capsys.readouterr().out

    return printed


@pytest.mark.parametrize("command", ["thread", "compare"])
def test_the_report_stands_beside_the_example(told, command):
    beside = TALK.with_name(f"talk.{command}.report.txt")
    text = told(command)
    if os.environ.get("TDXREVIEW_GOLDEN") == "write":
        beside.write_text(text, encoding="utf-8")

    assert beside.read_text(encoding="utf-8") == text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("command", ["thread", "compare"])
def test_the_markdown_stands_beside_the_example(told, command):
    beside = TALK.with_name(f"talk.{command}.md")
    text = told(command, "--format", "markdown")
    if os.environ.get("TDXREVIEW_GOLDEN") == "write":
        beside.write_text(text, encoding="utf-8")

    assert beside.read_text(encoding="utf-8") == text


def test_the_comparison_as_json_keeps_its_schema(told):
    document = json.loads(told("compare", "--format", "json"))

    jsonschema.validate(document, json.loads(schema_text("compare")))
    assert [(each["old"], each["new"], each["fate"]) for each in document["patches"]] == [
        ([1], [1], "changed"),
        ([2], [2], "unchanged"),
    ]
    assert [(each["lines"], each["standing"], each["open"]) for each in document["remarks"]] == [
        ("changed", "done", False),
        ("same", "agreed, but unchanged", True),
    ]
    assert [each["became"] for each in document["findings"]] == ["fixed"]
    assert [(each["patch"], each["outdated"]) for each in document["trailers"]] == [(2, True)]
    assert document["summary"] == {
        "changed": 1,
        "unchanged": 1,
        "fixed": 1,
        "open-remarks": 1,
        "outdated-trailers": 1,
    }


def test_a_review_names_the_mails_that_say_it_already(told):
    document = json.loads(told("review", "--revision", "1", "--format", "json"))

    (ignored,) = [each for each in document["findings"] if each["rule"] == "status-ignored"]
    assert ignored["remarks"] == ["cpu-1-lee@example.org"]
    said = document["remarks"][0]
    assert (said["author"], said["kind"], said["state"]) == (
        "Lee Park <lee@example.org>",
        "request",
        "done",
    )


def test_what_was_said_of_a_finding_and_is_open_is_shown(told):
    text = told("review", "--revision", "1")

    assert "  said   Lee Park on v1, done: <cpu-1-lee@example.org>" in text.splitlines()
    assert "Open remarks at these SEAMCALLs" not in text
