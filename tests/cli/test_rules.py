"""`tdxreview rules`, on the bundled rules and on a user's own."""

import json

import pytest

from tdxreview.cli.completion import fact_words, rule_ids, rules_and_facts
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


def test_a_new_rule_holds_but_for_its_blanks(tdxreview, tmp_path):
    written = tdxreview("rules", "new", "ours-thing", "--dir", str(tmp_path))
    path = tmp_path / "ours-thing.yml"
    blank = tdxreview("rules", "check", str(tmp_path))
    path.write_text(path.read_text().replace("___ ", "said ").replace("___", "here"))
    filled = tdxreview("rules", "check", str(tmp_path))

    assert (written.status, written.err) == (0, "")
    assert (blank.status, len(blank.out.splitlines())) == (1, 8)
    assert blank.out.splitlines()[0] == f"{path}:1: title has a blank in it; fill it in"
    assert (filled.status, filled.out) == (0, "1 rule: every example and every clause holds\n")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Thing", "`Thing` is no id; take FAMILY-WHAT-IS-WRONG in small letters"),
        ("ctx-raw-seamcall", "`ctx-raw-seamcall` is a rule already; take another id"),
    ],
)
def test_a_new_rule_needs_an_id_of_its_own(tdxreview, tmp_path, name, problem):
    ended = tdxreview("rules", "new", name, "--dir", str(tmp_path))

    assert (ended.status, ended.err) == (2, f"tdxreview: {problem}\n")
    assert list(tmp_path.iterdir()) == []


def test_a_new_rule_overwrites_nothing(tdxreview, tmp_path):
    tdxreview("rules", "new", "ours-thing", "--dir", str(tmp_path))
    ended = tdxreview("rules", "new", "ours-thing", "--dir", str(tmp_path))

    path = tmp_path / "ours-thing.yml"
    assert (ended.status, ended.err) == (2, f"tdxreview: {path}: File exists\n")


def test_a_folder_without_a_rule_is_an_error(tdxreview, tmp_path):
    ended = tdxreview("rules", "check", str(tmp_path))

    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        f"tdxreview: {tmp_path}: holds no rule; `tdxreview rules new ID` writes a first one\n"
    )


def test_own_rules_are_listed_and_shown(tdxreview, own):
    folder = str(own().parent)
    listed = tdxreview("rules", "list", "--rules", folder)
    shown = tdxreview("rules", "show", "ours-entry", "--rules", folder)

    assert "\nours-entry                      warning  A SEAMCALL without an entry\n" in listed.out
    assert shown.out.startswith("ours-entry: warning, confidence high\n")


def test_the_words_of_rules_are_found_by_a_part_of_what_they_say(tdxreview):
    ended = tdxreview("rules", "facts", "p-seamldr")

    assert (ended.status, ended.err) == (0, "")
    assert ended.out == (
        "site\n"
        "  One place where a SEAMCALL happens: the instruction, or a call that makes\n"
        "  one.\n"
        "\n"
        "  serialised\n"
        "    Whether a P-SEAMLDR call is made under a raw spinlock.\n"
        "    values: locked, open, unknown\n"
        "    asked by: ctx-seamldr-unserialised\n"
        "    e.g. when: [{serialised: [open]}]\n"
        "         return seamcall_prerr(P_SEAMLDR_INFO, &args);\n"
    )


def test_all_words_of_rules_stay_within_80_columns_and_say_what_they_are(tdxreview):
    text = tdxreview("rules", "facts").out
    document = json.loads(tdxreview("rules", "facts", "--format", "json").out)
    words = [word for kind in document["kinds"] for word in kind["words"]]

    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert [word["name"] for word in words if not (word["meaning"] and word["clause"])] == []
    assert {"leaf", "callee", "function", "path", "section", "caller", "lock", "vmx"} <= {
        word["name"] for word in words
    }


def test_a_word_that_nothing_has_is_said(tdxreview):
    ended = tdxreview("rules", "facts", "xyzzy")

    assert (ended.status, ended.out) == (
        0,
        "Nothing that rules can ask for has this word in it.\n",
    )


def test_examples_are_run_by_a_part_of_their_name(tdxreview, own):
    path = str(own("entry: missing", "entry: other"))
    one = tdxreview("rules", "test", path, "-k", "ours-entry/none")
    both = tdxreview("rules", "test", path)
    none = tdxreview("rules", "test", path, "-k", "xyzzy")

    assert (one.status, one.out) == (0, "ok     ours-entry/none\n1 example, 0 wrong\n")
    assert (both.status, both.out.splitlines()[-1]) == (1, "2 examples, 1 wrong")
    assert both.out.startswith("wrong  ours-entry/bare\n")
    assert (none.status, none.err) == (
        2,
        "tdxreview: no example is called like `xyzzy`; `rules list` names the rules\n",
    )


def test_completion_knows_rules_and_facts():
    assert "ctx-raw-seamcall" in rule_ids()
    assert {"vmx", "site", "caller"} <= set(fact_words())
    assert {"ctx-raw-seamcall", "bypass"} <= set(rules_and_facts())


@pytest.mark.parametrize("word", ["caller", "leaf", "site"])
def test_a_word_that_is_no_fact_is_shown_elsewhere(tdxreview, word):
    ended = tdxreview("rules", "show", word)

    assert (ended.status, ended.err) == (
        2,
        f"tdxreview: `{word}` is a word of rules; `tdxreview rules facts {word}` explains it\n",
    )


STATE = """\
sources: {house: our tree}
states:
  - {name: scrub-armed, scopes: [module], meaning: it is, source: house}
contracts:
  - {function: tdmr_hand_over, requires: [scrub-armed], source: house}
"""


@pytest.fixture
def with_state(tmp_path):
    """Give a folder with a state of its own that something needs."""
    folder = tmp_path / "tdx-rules"
    folder.mkdir()
    (folder / "tdx-rules.yml").write_text("format: 1\n")
    (folder / "protocol.yml").write_text(STATE)
    return folder


def test_a_state_that_no_rule_asks_for_is_told(tdxreview, with_state):
    ended = tdxreview("rules", "check", str(with_state))

    assert ended.status == 1
    assert ended.out == (
        "something needs `scrub-armed`, and no rule asks for it; add one about life-step"
        " with `needs: scrub-armed`\n"
    )


def test_the_names_that_data_knows_are_printed(tdxreview, with_state):
    plain = tdxreview("rules", "facts", "--format", "json")
    own = tdxreview("rules", "facts", "--format", "json", "--rules", str(with_state))

    def known(ended, kind, name):
        kinds = {each["about"]: each["words"] for each in json.loads(ended.out)["kinds"]}
        return next(word["known"] for word in kinds[kind] if word["name"] == name)

    assert "vmx-on" not in known(plain, "life-step", "needs")
    assert set(known(own, "life-step", "needs")) - set(known(plain, "life-step", "needs")) == {
        "scrub-armed"
    }
    assert "CPU online callback" in known(plain, "site", "entry")
    assert known(plain, "site", "leaf") == []
