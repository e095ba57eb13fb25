import pytest

from tdxreview.errors import UsageError
from tdxreview.rules.loader import load_rules
from tdxreview.rules.terminal_page import rule_list, rule_named, rule_text


def test_the_list_has_a_line_a_rule(write_rule, folder):
    write_rule("status-a", severity="note")
    write_rule("status-long")

    assert rule_list(load_rules(folder)) == (
        "status-a     note     A title\nstatus-long  error    A title\n"
    )


def test_a_rule_is_shown_with_all_that_it_says(make_rules):
    (rule,) = make_rules(references="[SDM 1, ABI 2]", **{"false-alarms": "None."}).rules

    assert (
        rule_text(rule)
        == """\
status-dropped: error, confidence high
A title

Why
  Because.

What to do
  Return it.

Accepted, and known false alarms
  None.

Flagged: dropped
    drop();  /* flagged */

Flagged: stored
    keep();  /* flagged */

Clean: returned
    give();

References
  SDM 1
  ABI 2
"""
    )


def test_prose_is_wrapped_at_78_columns(make_rules):
    (rule,) = make_rules(why="word " * 40).rules

    assert max(len(line) for line in rule_text(rule).splitlines()) <= 78


def test_a_rule_that_is_not_there_is_answered_with_the_nearest(make_rules):
    with pytest.raises(UsageError, match="no rule is called `status-ignore`; did you mean"):
        rule_named(make_rules(), "status-ignore")


def test_a_rule_that_resembles_none_is_answered_with_the_list(make_rules):
    with pytest.raises(UsageError, match=r"`zz`; see tdxreview rules list$"):
        rule_named(make_rules(), "zz")
