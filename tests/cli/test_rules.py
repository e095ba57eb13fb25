"""`tdxreview rules`, on the bundled rules and on a user's own."""

import pytest

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
