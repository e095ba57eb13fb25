"""Names that rules ask for."""

import pytest

from tdxreview.errors import RuleError
from tdxreview.facts.calls.schema import Wanted
from tdxreview.rules.explain import explain
from tdxreview.rules.matching import judge
from tdxreview.rules.patterns import is_one_of


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("TDH.SYS.RD", "TDH.SYS.RD", True),
        ("TDH.SYS.RDALL", "TDH.SYS.RD", False),
        ("TDH.SYS.RD", "TDH.SYS.*", True),
        ("arch/x86/kvm/vmx/tdx.c", "arch/x86/kvm/*", True),
        ("Arch", "arch", False),
    ],
)
def test_a_name_is_exact_or_a_pattern(name, pattern, expected):
    assert is_one_of(name, [pattern]) is expected


@pytest.mark.parametrize(
    ("word", "value", "why"),
    [
        ("leaf", "TDH_SYS_RD", "a leaf is written as the ABI has it: `TDH.SYS.RD`"),
        ("function", "f()", "a name is written without `()`"),
        ("callee", "'a|b'", "give a list in place of `|`"),
        ("callee", "'^a'", "a pattern is `*`, `?` and `[...]`, no regular expression"),
        ("path", "''", "is empty"),
    ],
)
def test_a_pattern_that_cannot_match_does_not_load(make_rules, word, value, why):
    with pytest.raises(RuleError, match="9: ") as caught:
        make_rules(when=f"[{{{word}: {value}}}]")

    assert str(caught.value).endswith(why)


def found(rules, *sites):
    return [each.place.line for each in judge(sites, rules)]


def test_names_are_words_of_when(make_rules, make_site):
    rules = make_rules(when="[{callee: 'seam*', function: [f, g], path: 'a.*'}]")
    sites = [
        make_site(1),
        make_site(2, callee="tdh_x"),
        make_site(3, function="h"),
        make_site(4, path="b.c"),
    ]

    assert found(rules, *sites) == [1]


def test_a_name_that_is_not_known_matches_nothing_and_excuses(make_rules, make_site):
    asked = make_rules(when="[{leaf: '*'}]")
    spared = make_rules(when="[{callee: seamcall}]", unless="[{leaf: TDH.SYS.RD}]")

    assert found(asked, make_site(1)) == []
    assert found(spared, make_site(1)) == []


def test_a_rule_about_ways_is_silent_where_none_are_known(make_rules, make_site):
    asked = make_rules(when="[{caller: f}]")
    spared = make_rules(when="[{callee: seamcall}]", unless="[{caller: f}]")

    assert (asked.wanted, found(asked, make_site(1)), found(spared, make_site(1))) == (
        Wanted(site_ways=True),
        [],
        [],
    )


def test_what_failed_is_said(make_rules, make_site):
    rules = make_rules(when="[{callee: other, caller: f}]")
    (outcome,) = explain(rules.rules[0], make_site(1)).clauses

    assert [(miss.fact, miss.found) for miss in outcome.missed] == [
        ("callee", ("seamcall",)),
        ("caller", ("on no way in view",)),
    ]
