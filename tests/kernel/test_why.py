"""What `why` says of upstream's sites is what a scan says, and shows where it comes from."""

import pytest

from tdxreview.review.inventory import INSTRUCTION
from tdxreview.review.review import Knowledge
from tdxreview.review.scan import scan
from tdxreview.review.why import why
from tdxreview.rules.compiled import load_compiled
from tdxreview.source.directory import DirectoryTree
from tdxreview.store import NOWHERE


@pytest.fixture(scope="module")
def knowledge():
    rules, abi = load_compiled((), NOWHERE)
    return Knowledge(rules=rules, abi=abi)


@pytest.fixture(scope="module")
def rows(kernel, knowledge):
    return scan(DirectoryTree(kernel), knowledge).sites


@pytest.fixture(scope="module")
def answers(kernel, knowledge, rows):
    """Give what is said at the place of every site of the scan."""
    tree = DirectoryTree(kernel)
    return {_place(row): why(tree, knowledge, *_place(row)).sites for row in rows}


@pytest.fixture
def sheet(answers):
    """Give what is said of the site of a function that makes a leaf."""

    def sheet(function, leaf):
        sheets = [each for found in answers.values() for each in found]
        wanted = (function, leaf)
        return next(each for each in sheets if (each.row.function, each.row.leaf) == wanted)

    return sheet


def _place(row):
    return row.place.path, row.place.line


def test_every_site_has_the_verdict_of_the_scan(rows, answers):
    missing = [row for row in rows if row not in [each.row for each in answers[_place(row)]]]

    assert rows
    assert missing == []


def test_the_worst_way_to_a_site_is_what_the_rules_go_by(answers):
    calls = [each for found in answers.values() for each in found if each.row.callee != INSTRUCTION]

    assert calls
    assert [each.states[0].paths[0].value for each in calls] == [
        dict(each.row.states)["vmx-on"] for each in calls
    ]


def test_the_first_leaf_on_a_cpu_is_the_callers_duty_by_contract(sheet):
    found = sheet("tdx_cpu_enable", "TDH.SYS.LP.INIT")
    states = {state.name: state for state in found.states}

    assert {name: state.value for name, state in states.items()} == {
        "vmx-on": "caller",
        "irqs-off": "caller",
        "cpu-pinned": "caller",
        "module-init": "held",
    }
    assert "tdx_cpu_enable() requires vmx-on@cpu" in states["vmx-on"].paths[0].steps[0].text
    assert states["vmx-on"].wanted_by == ("TDH.SYS.LP.INIT", "tdx_cpu_enable()")


def test_a_machine_check_bears_vmx_being_off(sheet):
    vmx = sheet("paddr_is_tdx_private", "TDH.PHYMEM.PAGE.RDMD").states[0]

    assert [(path.start, path.value) for path in vmx.paths] == [("machine check", "tolerated")]
