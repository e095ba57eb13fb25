"""Who spoke of a finding: on the same lines, in words of the rule's subject."""

import pytest

from tdxreview.review.spoken import Vocabulary, stems
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules

VOCABULARY = Vocabulary(load_rules(bundled_folder()))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("status-ignored", "The completion status goes nowhere. Please return it."),
        ("status-ignored", "You throw the result away, what if this fails?"),
        ("status-retry-unbounded", "This loops forever if the module stays busy."),
        ("status-truncated", "That is 64 bits wide, an int loses the upper half."),
        ("trap-no-exception-entry", "There is no exception table entry, so #UD is an oops."),
        ("vmx-off-at-seamcall", "Who turned VMX on here? This raises #UD."),
        ("ctx-lock-leak", "The mutex is still held on this error path."),
        ("args-uninitialised", "args is on the stack and never initialised."),
    ],
)
def test_a_reviewer_who_means_the_rule_is_understood(rule, text):
    assert VOCABULARY.speaks_of(text, rule)


@pytest.mark.parametrize(
    "text",
    [
        "nit: missing blank line.",
        "Can you rename it to tdx_offline_cpu()?",
        "Is 44 right?",
        "Please wrap at 80 columns.",
        "Typo: teh",
        "Looks good, thanks.",
    ],
)
@pytest.mark.parametrize("rule", ["status-ignored", "vmx-off-at-seamcall", "ctx-lock-leak"])
def test_a_remark_on_something_else_is_none_on_the_rule(rule, text):
    assert not VOCABULARY.speaks_of(text, rule)


def test_empty_words_tell_nothing():
    assert stems("please make this function like that one") == ()
