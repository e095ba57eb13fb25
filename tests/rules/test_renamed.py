"""Facts and values that had another name are refused, with what says the same now."""

import pytest

from tdxreview.errors import RuleError
from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of, texts_of
from tdxreview.rules.renamed import FACTS, VALUES, value_now


@pytest.mark.parametrize(
    ("about", "asked", "said"),
    [
        ("life-step", "order: skipped", "the fact `order` is called `needed` now"),
        ("page-return", "clearing: missing", "the fact `clearing` is called `cleared` now"),
        ("optional-use", "feature: untested", "the fact `feature` is called `asked` now"),
        ("vmx-release", "ownership: unowned", "the fact `ownership` is called `vmx` now"),
        (
            "site",
            "vmx: hotplug-window",
            "`vmx: hotplug-window` is now `cpu: [each, another]` with `hotplug: open`",
        ),
        (
            "site",
            "vmx: [on, migrated]",
            "`vmx: migrated` is now `vmx: [on, seen-on]` with `cpu: maybe-another`",
        ),
        ("state-flag", "reset: stale", "`reset: stale` is now `reset: not-seen`"),
    ],
)
def test_an_old_word_is_refused_with_the_new_one(make_rules, about, asked, said):
    with pytest.raises(RuleError) as caught:
        make_rules(about=about, when=f"[{{{asked}}}]", message="m")

    assert str(caught.value).partition("yml:9: ")[2] == said


def test_a_value_that_never_was_is_refused_as_before(make_rules):
    with pytest.raises(RuleError, match="`vmx` is never `onn`; did you mean `on`"):
        make_rules(when="[{vmx: onn}]")


def test_no_old_name_is_one_of_today():
    facts = {fact for kind in KINDS for fact in (*facts_of(kind), *texts_of(kind))}
    values = {
        (fact, value) for kind in KINDS for fact, all_ in facts_of(kind).items() for value in all_
    }

    assert {old for old, new in FACTS.items() if new not in facts} == set()
    assert sorted(VALUES.keys() & values) == []
    assert value_now("vmx", "on") == ""
