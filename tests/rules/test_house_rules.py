"""Ten rules of a house, in YAML only, written as a maintainer would: they keep their promises."""

from functools import partial
from pathlib import Path

import pytest

from tdxreview.facts.calls.schema import Wanted
from tdxreview.facts.collect import gather_with_ways
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.review.blame import blame
from tdxreview.review.example_mails import tell
from tdxreview.review.review import Knowledge
from tdxreview.rules.check import check_rule
from tdxreview.rules.examples import Stages
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules

FOLDER = Path(__file__).parents[2] / "examples" / "house-rules"
RULES = load_rules(FOLDER)
ABI = load_abi(bundled_folder())
STAGES = Stages(
    partial(gather_with_ways, abi=ABI),
    partial(tell, knowledge=Knowledge(rules=RULES, abi=ABI)),
    blame,
)


def test_there_are_ten_and_nothing_but_rules():
    assert (len(RULES.rules), RULES.wanted) == (10, Wanted(site_ways=True, calls=True))
    assert {path.suffix for path in FOLDER.iterdir()} == {".yml"}


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_a_house_rule_keeps_what_its_examples_promise(rule):
    assert [str(problem) for problem in check_rule(rule, RULES, STAGES)] == []
