import pytest

from tdxreview.errors import RuleError
from tdxreview.rules.loader import load_rules
from tdxreview.rules.model import Clause, Confidence, Example, Severity


def test_a_rule_is_what_its_file_says(make_rules, folder):
    (rule,) = make_rules(references="[SDM 1, ABI 2]", **{"false-alarms": "None."}).rules

    assert (rule.id, rule.family, rule.about) == ("status-dropped", "status", "site")
    assert (rule.severity, rule.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert rule.message == "{function}() ignores the status of {callee}"
    assert (rule.references, rule.false_alarms) == (("SDM 1", "ABI 2"), "None.")
    assert rule.when == (Clause((("status_use", frozenset({"discarded", "stored"})),), 9),)
    assert rule.source == str(folder / "status" / "status-dropped.yml")


def test_an_example_is_code_without_marks_and_the_lines_that_had_them(make_rules):
    (rule,) = make_rules().rules

    assert rule.flagged[0] == Example(
        name="dropped",
        path="arch/x86/virt/vmx/tdx/example.c",
        code="drop();\n",
        before=None,
        marked=(1,),
        line=11,
    )


def test_an_example_may_have_a_file_before_and_files_around(make_rules):
    (rule,) = make_rules(
        flagged="""
  - name: patched
    path: arch/x86/x.S
    before: |
      give();
    code: |
      give();
      drop(); /* flagged */ \\
    files:
      - path: a.h
        code: |
          test();
""",
    ).rules
    example = rule.flagged[0]

    assert (example.path, example.marked) == ("arch/x86/x.S", (2,))
    assert (example.before, example.code) == ("give();\n", "give();\ndrop(); \\\n")
    assert example.files == (("a.h", "test();\n"),)


def test_rules_are_sorted_by_id(write_rule, folder):
    write_rule("status-b")
    write_rule("status-a")

    assert [rule.id for rule in load_rules(folder).rules] == ["status-a", "status-b"]


def test_data_folders_hold_no_rules(write_rule, folder):
    write_rule()
    (folder / "abi").mkdir()
    (folder / "abi" / "leaves.yml").write_text("leaves: []")
    (folder / "protocol.yml").write_text("states: []")

    assert [rule.id for rule in load_rules(folder).rules] == ["status-dropped"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"about": "sit"}, "5: nothing is called `sit`; did you mean `site`?"),
        (
            {"when": "[{status_us: [stored]}]"},
            "9: there is no fact `status_us`; did you mean `status_use`?",
        ),
        (
            {"when": "[{leave: seamcall}]"},
            "9: there is no fact `leave`; did you mean `leaf`?",
        ),
        (
            {"when": "[{status_use: [discard]}]"},
            "9: `status_use` is never `discard`; did you mean `discarded`?",
        ),
        ({"when": "[{status_use: [stored, stored]}]"}, "9: `stored` stands twice; keep one"),
        ({"when": "[{status_use: []}]"}, "9: `status_use` names no value"),
        ({"when": "[{}]"}, "9: an entry of `when` names no fact"),
        ({"when": "[]"}, "9: `when` is empty; name a fact that is wrong"),
        ({"when": "[x]"}, "9: an entry of `when` is a mapping; write it as `key: value`"),
        ({"when": "x"}, "9: `when` is a list; begin each entry with `- `"),
        (
            {"when": "[{vmx: off, severity: error}]"},
            "9: the rule is an error; an entry of `when` names what is milder, or nothing",
        ),
        (
            {"when": "[{vmx: off, severity: bad}]"},
            "9: `severity` is never `bad`; known are: error, note, warning",
        ),
        ({"when": "[{severity: note}]"}, "9: an entry of `when` names no fact"),
        (
            {"unless": "[{vmx: off, severity: note}]"},
            "21: there is no fact `severity`",
        ),
        ({"unless": "[{vmx: of}]"}, "21: `vmx` is never `of`; did you mean `off`?"),
        (
            {"message": "'{func}() is wrong'"},
            "6: the message names `{func}`, which a site has not; did you mean `function`?",
        ),
        ({"message": "'{callee!r}'"}, "6: `{callee}` in the message takes no `!` and no `:`"),
        ({"message": "'{callee'"}, "6: `message`: "),
        (
            {"follows": "[status-ignore]"},
            "21: `follows` is never `status-ignore`; did you mean `status-ignored`?",
        ),
        ({"severity": "eror"}, "3: `severity` is never `eror`; did you mean `error`?"),
        ({"confidence": "low"}, "4: an error is never of low confidence; make it a warning"),
        ({"why": "''"}, "7: `why` is empty; say it in a sentence"),
        ({"why": "[a]"}, "7: `why` is a text, not a list or mapping; quote it"),
        ({"why": None}, "1: a rule lacks `why`; add `why:`"),
        ({"whi": "x"}, "21: a rule has no key `whi`; did you mean `why`?"),
        ({"flagged": "[]"}, "10: `flagged` is empty; add an example"),
        ({"clean": "[]"}, "17: `clean` is empty; add an example"),
        (
            {"flagged": "[{name: a, code: drop();}]"},
            "10: a flagged example has no mark; end the wrong line with /* flagged */",
        ),
        (
            {"clean": "[{name: a, code: 'drop(); /* flagged */'}]"},
            "17: a clean example has /* flagged */; take the mark away",
        ),
        (
            {"clean": "[{name: a, cod: b}]"},
            "17: a clean example has no key `cod`; did you mean `code`?",
        ),
        ({"clean": "[{name: a, code: ''}]"}, "17: `code` is empty; begin it with `code: |`"),
        ({"clean": "[{name: a, code: b, notes: no}]"}, "17: `notes` is `allowed` or not there"),
        ({"id": "status-drops"}, "1: the id is `status-drops`, but the file is status-dropped"),
    ],
)
def test_what_cannot_work_does_not_load(write_rule, folder, changes, problem):
    path = write_rule(**changes)

    with pytest.raises(RuleError) as caught:
        load_rules(folder)

    assert str(caught.value).startswith(f"{path}:{problem}")


def test_a_rule_in_the_folder_of_another_family_is_refused(write_rule, folder):
    write_rule("vmx-off")

    with pytest.raises(RuleError, match="`vmx-off` is not of the family status; begin the id"):
        load_rules(folder)


def test_one_bad_rule_spoils_the_set(write_rule, folder):
    write_rule("status-good")
    write_rule("status-odd", about="nothing")

    with pytest.raises(RuleError, match=r"status-odd\.yml"):
        load_rules(folder)


def test_a_users_rule_needs_no_family_folder(write_rule, folder):
    path = write_rule("ours-one")
    path.rename(folder / "ours-one.yml")

    assert [rule.family for rule in load_rules(folder).rules] == ["ours"]


def test_a_file_that_looks_like_a_rule_and_is_not_read_is_said(write_rule, folder):
    write_rule().rename(folder / "status" / "status-dropped.yaml")

    with pytest.raises(RuleError, match=r"would not be read; rename it to end in \.yml"):
        load_rules(folder)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(RuleError, match="is neither a folder of rules nor a rule file"):
        load_rules(tmp_path / "gone")


def test_a_fact_that_was_renamed_is_refused_with_its_new_name(write_rule, folder):
    path = write_rule(about="routine", message="x", when="[{section: [left]}]")

    with pytest.raises(RuleError) as caught:
        load_rules(folder)

    assert str(caught.value) == f"{path}:9: `section: left` is now `noinstr_section: left`"
