"""Layers folded into one."""

from pathlib import Path

from tdxreview.config.model import Given, Source
from tdxreview.config.resolve import resolved
from tdxreview.config.toml_file import settings_of

WEAK, STRONG = Source("user", "weak"), Source("option", "strong")


def given(key, value, source):
    return Given(key, value, source)


def test_a_list_takes_the_place_of_a_weaker_one():
    found = resolved([(given("ignore", "a, b", WEAK),), (given("ignore", "c", STRONG),)])

    assert [each.text for each in found.ignore] == ["c"]
    assert found.origins["ignore"] == (STRONG,)


def test_folders_of_rules_add_up():
    found = resolved([(given("rules", ["a"], WEAK),), (given("rules", "b,c", STRONG),)])

    assert [each.text for each in found.rules] == ["a", "b,c"]


def test_severities_count_rule_by_rule():
    weak = given("severity", {"args": "note", "ctx": "note"}, WEAK)
    found = resolved([(weak,), (given("severity", "ctx=warning", STRONG),)])

    assert {each.name: each.words for each in found.severity} == {
        "args": ("note",),
        "ctx": ("warning",),
    }
    assert found.origins["severity"] == (WEAK, STRONG)


def test_a_pyproject_has_a_table_of_ours():
    text = "[tool.other]\njobs = 1\n[tool.tdxreview]\n# ours\njobs = 4\n[tool.tdxreview.severity]\n"
    text += '"args-stale" = "note"\n'
    found = settings_of(text, "x/pyproject.toml", "file", Path("x"))

    assert [(each.key, each.value, each.source.line) for each in found] == [
        ("jobs", 4, 5),
        ("severity", {"args-stale": "note"}, 7),
    ]
