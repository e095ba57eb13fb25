"""Every bundled rule keeps what its examples promise; each test is one example or one rule."""

from functools import cache, partial

import pytest

from tdxreview.facts.collect import gather
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.review.blame import blame
from tdxreview.review.example_mails import tell
from tdxreview.review.review import Knowledge
from tdxreview.rules.check import clean_problems, flagged_problems, limit_problems, needless
from tdxreview.rules.examples import Stages, prepare
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules

RULES = load_rules(bundled_folder())
ABI = load_abi(bundled_folder())
KNOWLEDGE = Knowledge(rules=RULES, abi=ABI)
STAGES = Stages(partial(gather, abi=ABI), partial(tell, knowledge=KNOWLEDGE), blame)


@cache
def prepared(example):
    return prepare(example, STAGES)


def examples(kind):
    return [
        pytest.param(rule, example, id=f"{rule.id}/{example.name}")
        for rule in RULES.rules
        for example in getattr(rule, kind)
    ]


@pytest.mark.parametrize(("rule", "example"), examples("flagged"))
def test_flags_exactly_the_marked_lines(rule, example):
    assert list(flagged_problems(rule, prepared(example))) == []


@pytest.mark.parametrize(("rule", "example"), examples("clean"))
def test_a_clean_example_is_clean_for_every_rule(rule, example):
    assert list(clean_problems(RULES, prepared(example))) == [], rule.id


@pytest.mark.parametrize(("rule", "example"), examples("limits"))
def test_a_limit_is_still_one(rule, example):
    """What the rule gets right by now belongs among the other examples."""
    assert list(limit_problems(rule, prepared(example))) == []


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in RULES.rules])
def test_an_example_needs_every_piece_of_the_rule(rule):
    both = [prepared(example) for example in (*rule.flagged, *rule.clean)]

    assert list(needless(rule, both)) == []


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in RULES.rules])
def test_a_rule_shows_five_shapes_on_each_side(rule):
    """A rule with one example is tried on that one's shape, and on none of the look-alikes."""
    names = [example.name for example in (*rule.flagged, *rule.clean)]

    assert len(rule.flagged) >= 5
    assert len(rule.clean) >= 5
    assert len({*names}) == len(names)
