"""`tdxreview rules`, on the bundled rules and on a user's own."""

import json

import pytest

from tdxreview.rules.fact_page import fact_names
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules

RULE = """\
id: ours-entry
title: A SEAMCALL without an entry
severity: warning
confidence: high
about: routine
message: "{function}() has no entry"
why: Because.
fix: Add one.
when: [{entry: missing}]
flagged:
  - name: bare
    path: arch/x86/virt/vmx/tdx/example.S
    code: |
      SYM_FUNC_START(f)
        mov %rdi, %rax
        .byte 0x66,0x0f,0x01,0xcf  MARK
        RET
      SYM_FUNC_END(f)
clean:
  - name: none
    path: arch/x86/virt/vmx/tdx/example.S
    code: |
      SYM_FUNC_START(f)
        RET
      SYM_FUNC_END(f)
"""


@pytest.fixture
def own(tmp_path):
    """Write the rule of a user."""
    path = tmp_path / "ours-entry.yml"

    def write(old="", new=""):
        path.write_text(RULE.replace("MARK", "/* flagged */").replace(old, new))
        return path

    return write


def test_the_list_names_every_bundled_rule(tdxreview):
    ended = tdxreview("rules", "list")
    names = [line.split()[0] for line in ended.out.splitlines()]

    assert (ended.status, ended.err) == (0, "")
    assert names == [rule.id for rule in load_rules(bundled_folder()).rules]


def test_a_rule_is_explained(tdxreview):
    ended = tdxreview("rules", "show", "trap-no-exception-entry")

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("trap-no-exception-entry: error, confidence high\n")


def test_a_fact_is_explained_with_its_values_and_the_rules_that_ask_for_them(tdxreview):
    ended = tdxreview("rules", "show", "bypass")

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith(
        "bypass: a fact of site\nWhether a raw assembly function is called around the wrappers.\n"
    )
    assert "\n  around   ctx-raw-seamcall\n" in ended.out


@pytest.mark.parametrize("fact", fact_names())
def test_every_fact_can_be_shown_and_says_what_it_is(tdxreview, fact):
    ended = tdxreview("rules", "show", fact, "--format", "json")
    document = json.loads(ended.out)

    assert document["name"] == fact
    assert all(kind["meaning"] and kind["values"] for kind in document["kinds"])


def test_the_glossary_names_every_fact(tdxreview):
    words = tdxreview("rules", "glossary").out
    document = json.loads(tdxreview("rules", "glossary", "--format", "json").out)

    assert words.startswith("site: one place where a SEAMCALL happens")
    assert document["facts"] == list(fact_names())
    assert [fact for fact in fact_names() if fact not in words] == []


def test_a_rule_that_is_not_there_is_a_usage_error(tdxreview):
    ended = tdxreview("rules", "show", "trap-no-exception-entri")

    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        "tdxreview: no rule is called `trap-no-exception-entri`; "
        "did you mean `trap-no-exception-entry`?\n"
    )


def test_a_users_rule_that_keeps_its_promises_is_said_to(tdxreview, own):
    ended = tdxreview("rules", "check", str(own().parent))

    assert (ended.status, ended.out) == (0, "1 rule: every example and every clause holds\n")


def test_one_file_is_enough(tdxreview, own):
    assert tdxreview("rules", "check", str(own())).status == 0


def test_a_promise_that_is_not_kept_is_a_finding(tdxreview, own):
    path = own("entry: missing", "entry: other")
    ended = tdxreview("rules", "check", str(path))

    assert ended.status == 1
    assert ended.out.startswith(
        f"{path}:11: example `bare`: arch/x86/virt/vmx/tdx/example.S:3 is marked and not flagged\n"
    )


def test_a_rule_that_does_not_load_is_a_usage_error(tdxreview, own):
    path = own("entry: missing", "entri: missing")
    ended = tdxreview("rules", "check", str(path))

    assert (ended.status, ended.out) == (2, "")
    assert ended.err == f"tdxreview: {path}:9: there is no fact `entri`; did you mean `entry`?\n"
