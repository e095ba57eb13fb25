import pytest

from tdxreview.facts.sites.schema import StatusUse
from tdxreview.facts.vmx.schema import VmxState
from tdxreview.rules.explain import Miss, explain


@pytest.fixture
def held(make_rules, make_site):
    """Hold a rule against a site, each given by what matters."""

    def held(when, unless=None, **facts):
        (rule,) = make_rules(when=when, unless=unless).rules
        return explain(rule, make_site(**facts))

    return held


def test_a_rule_matches_where_one_clause_holds(held):
    found = held("[{vmx: off}, {status_use: discarded}]", use=StatusUse.DISCARDED)

    assert found.matches
    assert [each.holds for each in found.clauses] == [False, True]


def test_a_clause_that_fails_names_each_fact_that_is_otherwise(held):
    found = held(
        "[{vmx: [on, off], status_use: [stored, discarded]}]",
        use=frozenset({StatusUse.TESTED, StatusUse.KEPT}),
        vmx=VmxState.OFF,
    )

    assert not found.matches
    assert found.clauses[0].missed == (
        Miss("status_use", ("discarded", "stored"), ("kept", "tested")),
    )


def test_an_exception_that_holds_keeps_the_rule_from_matching(held):
    found = held("[{status_use: discarded}]", "[{vmx: on}]", vmx=VmxState.ON)

    assert not found.matches
    assert [(each.excludes, each.holds) for each in found.clauses] == [(False, True), (True, True)]


def test_a_clause_knows_its_line_in_the_rules_file(held, folder):
    found = held("[{status_use: discarded}]", "[{vmx: on}]")
    lines = (folder / "status" / "status-dropped.yml").read_text().splitlines()

    assert [lines[each.line - 1].partition(":")[0] for each in found.clauses] == ["when", "unless"]
