import pytest

from tdxreview.errors import RuleError
from tdxreview.facts.model import Gathered
from tdxreview.review.blame import blame
from tdxreview.rules.check import check
from tdxreview.rules.example_file import USUAL_PATH
from tdxreview.rules.examples import Stages
from tdxreview.source.model import NotExamined


def no_mails(_messages, _base):
    raise AssertionError("no example here is a thread")


def problems(folder, gather):
    return [
        (problem.line, problem.text) for problem in check(folder, Stages(gather, no_mails, blame))
    ]


def test_a_rule_that_keeps_its_promises_has_no_problem(write_rule, folder, gather):
    write_rule()

    assert problems(folder, gather) == []


def test_a_marked_line_that_is_not_flagged_is_said(write_rule, folder, gather):
    write_rule(when="[{status_use: discarded}]")

    assert (
        14,
        f"example `stored`: {USUAL_PATH}:1 is marked and not flagged",
    ) in problems(folder, gather)


def test_a_flagged_line_that_is_not_marked_is_said(write_rule, folder, gather):
    write_rule(
        flagged='[{name: two, path: a.c, code: "drop(); /* flagged */\\nkeep();\\n"}]',
    )

    assert problems(folder, gather) == [
        (10, "example `two`: a.c:2 is flagged and not marked"),
    ]


def test_a_clean_example_is_clean_for_every_rule_of_the_folder(write_rule, folder, gather):
    write_rule()
    write_rule(
        "status-returned",
        when="[{status_use: returned}]",
        message="no",
        flagged='[{name: a, code: "give(); /* flagged */\\n"}]',
        clean='[{name: b, code: "test();\\n"}]',
    )

    assert problems(folder, gather) == [
        (
            18,
            f"example `returned`: {USUAL_PATH}:1 is flagged by status-returned: no",
        ),
    ]


def test_a_clean_example_may_allow_notes(write_rule, folder, gather):
    noted = '[{name: a, notes: allowed, code: "give();\\n"}]'
    write_rule(clean=noted)
    write_rule(
        "status-returned",
        severity="note",
        when="[{status_use: returned}]",
        message="no",
        flagged='[{name: a, code: "give(); /* flagged */\\n"}]',
        clean='[{name: b, code: "test();\\n"}]',
    )

    assert problems(folder, gather) == []


def test_a_value_that_no_example_needs_is_said(write_rule, folder, gather):
    write_rule(when="[{status_use: [discarded, stored, passed]}]")

    assert problems(folder, gather) == [
        (9, "no example needs `status_use: passed` in `when`; add one, or take it out"),
    ]


def test_an_entry_that_no_example_needs_is_said(write_rule, folder, gather):
    write_rule(when="[{status_use: [discarded, stored]}, {vmx: off}]")

    assert problems(folder, gather) == [
        (9, "no example needs this entry of `when`; add one, or take it out"),
    ]


def test_a_fact_that_no_example_needs_is_said(write_rule, folder, gather):
    write_rule(when="[{status_use: [discarded, stored], vmx: unknown}]")

    assert problems(folder, gather) == [
        (9, "no example needs `vmx` in `when`; add one, or take it out"),
    ]


def test_an_exception_that_no_example_needs_is_said(write_rule, folder, gather):
    write_rule(unless="[{vmx: on}]")

    assert problems(folder, gather) == [
        (21, "no example needs this entry of `unless`; add one, or take it out"),
    ]


def test_a_limit_that_is_right_by_now_is_said(write_rule, folder, gather):
    write_rule(limits='[{name: old, code: "drop(); /* flagged */\\n"}]')

    assert problems(folder, gather) == [
        (21, "example `old`: is right by now; move it from `limits` to `flagged` or `clean`"),
    ]


def test_a_limit_that_is_still_wrong_is_none_of_the_problems(write_rule, folder, gather):
    write_rule(limits='[{name: missed, code: "give(); /* flagged */\\n"}]')

    assert problems(folder, gather) == []


def test_an_example_is_judged_by_what_its_patch_does(write_rule, folder, gather):
    write_rule(
        flagged="""
  - name: dropped and stored
    before: |
      drop();
      x();
    code: |
      drop();
      x();
      drop();  /* flagged */
      keep();  /* flagged */""",
        clean="""
  - name: as before
    before: |
      drop();
    code: |
      drop();
      give();""",
    )

    assert problems(folder, gather) == []


def test_what_of_an_example_was_not_examined_is_said(write_rule, folder):
    write_rule()

    def gather_nothing(_images):
        return Gathered((), (NotExamined(None, "a.c", "line 1 is not C"),))

    assert (18, "example `returned`: was not examined: line 1 is not C") in problems(
        folder, gather_nothing
    )


def test_a_folder_that_does_not_load_is_not_checked(write_rule, folder, gather):
    write_rule(about="nothing")

    with pytest.raises(RuleError):
        check(folder, Stages(gather, no_mails, blame))
