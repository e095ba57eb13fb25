"""Configuration as a run of the tool heeds it."""

import json
from pathlib import Path

import pytest

STORY = str(Path(__file__).parent.parent.parent / "examples" / "story" / "v1.mbox")
RULE = "trap-no-exception-entry"


@pytest.fixture
def configure(tmp_path, monkeypatch):
    """Give a function that writes the user's file."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    (tmp_path / "own" / "tdxreview").mkdir(parents=True)
    return (tmp_path / "own" / "tdxreview" / "config.toml").write_text


def found(ended):
    return [(each["rule"], each["severity"]) for each in json.loads(ended.out)["findings"]]


def test_a_rule_is_left_out(tdxreview):
    assert found(tdxreview("review", STORY, "--format", "json", "--ignore", RULE)) == []
    assert found(tdxreview("review", STORY, "--format", "json", "--select", "args")) == []


def test_the_users_file_counts_without_a_word_on_the_command_line(tdxreview, configure):
    configure(f'format = "json"\nseverity."{RULE}" = "warning"\n')

    ended = tdxreview("review", STORY)

    assert (ended.status, found(ended)) == (0, [(RULE, "warning")])


def test_the_command_line_is_stronger(tdxreview, configure):
    configure('format = "json"\nfail-on = "never"\n')

    ended = tdxreview("review", STORY, "--format", "concise", "--fail-on", "error")

    assert ended.status == 1
    assert f"[{RULE}]" in ended.out


def test_no_config_leaves_it_out(tdxreview, configure):
    configure('ignore = ["trap"]\n')

    assert tdxreview("review", STORY, "--no-config").status == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('ignore = ["trapp"]\n', ":1: there is no rule or family `trapp`; did you mean `trap`?"),
        ('\nformat = "jsonx"\n', ":2: `format`: review has no format jsonx; did you mean `json`?"),
        (
            '[severity]\nnone-such = "note"\n',
            ":2: there is no rule or family `none-such`; see tdxreview rules list",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_line(tdxreview, configure, tmp_path, text, problem):
    configure(text)

    ended = tdxreview("review", STORY)

    file = tmp_path / "own" / "tdxreview" / "config.toml"
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == f"tdxreview: {file}{problem}\n"


def test_a_named_file_counts(tdxreview, tmp_path):
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.tdxreview]\nignore = ["trap"]\n')

    assert found(tdxreview("review", STORY, "--format=json", "--config", str(file))) == []


def test_it_is_shown_with_where_it_comes_from(tdxreview, configure, tmp_path, monkeypatch):
    configure("jobs = 2\n")
    monkeypatch.setenv("TDXREVIEW_IGNORE", "args, ctx")

    shown = json.loads(tdxreview("config", "show", "--json").out)["settings"]

    file = str(tmp_path / "own" / "tdxreview" / "config.toml")
    assert shown["jobs"]["value"] == 2
    assert shown["jobs"]["from"] == [{"kind": "user", "where": file, "line": 1}]
    assert shown["ignore"]["value"] == ["args", "ctx"]
    assert shown["fail-on"]["from"] == [{"kind": "default", "where": "built in", "line": None}]
    assert "ignore        args, ctx  $TDXREVIEW_IGNORE\n" in tdxreview("config", "show").out


def test_a_directory_configures_nothing(tdxreview, tmp_path, monkeypatch):
    """What lies around where a review is started is not asked."""
    before = tdxreview("review", STORY)
    for name in (".tdxreview.toml", "pyproject.toml", "tdxreview.toml"):
        (tmp_path / name).write_text('ignore = ["trap"]\n[tool.tdxreview]\nignore = ["trap"]\n')
    monkeypatch.chdir(tmp_path)

    assert tdxreview("review", STORY) == before


def test_rules_that_are_left_out_are_named(tdxreview):
    left = ("--ignore", "vmx", "--ignore", "trap-wrong-fixup")
    text = tdxreview("review", *left, STORY)
    document = json.loads(tdxreview("review", *left, "--format", "json", STORY).out)
    told = tdxreview("review", *left, "--format", "concise", STORY)
    sarif = json.loads(tdxreview("review", *left, "--format", "sarif", STORY).out)

    assert "· without the rules trap-wrong-fixup, vmx\n" in text.out
    assert document["rules_left_out"] == ["trap-wrong-fixup", "vmx"]
    assert told.err == "tdxreview: without the rules trap-wrong-fixup, vmx\n"
    assert "without the rules trap-wrong-fixup, vmx" in json.dumps(sarif)


def test_nothing_is_said_where_none_is_left_out(tdxreview):
    ended = tdxreview("review", STORY)
    document = json.loads(tdxreview("review", "--format", "json", STORY).out)

    assert "without the rules" not in ended.out
    assert document["rules_left_out"] == []


def test_a_family_is_named_once_where_all_of_it_is_left_out(tdxreview):
    ended = tdxreview("review", "--select", "trap", "--format", "json", STORY)

    assert json.loads(ended.out)["rules_left_out"] == [
        "args", "ctx", "life", "series", "status", "vmx",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["compare", "reply"])
def test_other_commands_heed_settings_as_review_does(tdxreview, configure, tmp_path, name):
    configure('ignore = ["trap"]\n')
    v2 = Path(STORY).parent / "v2.mbox"
    inputs = (STORY, str(v2)) if name == "compare" else (STORY,)
    quiet = tdxreview(name, *inputs)
    loud = tdxreview(name, "--no-config", *inputs)
    asked = tdxreview(name, "--no-config", "--ignore", "trap", *inputs)
    named = tmp_path / "named.toml"
    named.write_text('ignore = ["trap"]\n')
    by_file = tdxreview(name, "--no-config", "--config", str(named), *inputs)

    assert "catches" in loud.out or RULE in loud.out
    assert quiet.out == asked.out == by_file.out != loud.out
    assert "without the rules trap" in quiet.err
    assert "without the rules" not in loud.err
