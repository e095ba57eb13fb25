"""The same finding on both sides of a patch: what pairs, and how."""

import pytest

from tdxreview.review.succession import How, Passage, Succession
from tdxreview.rules.matching import judge
from tdxreview.source.text import change_of_texts


@pytest.fixture
def find(make_rules, make_site):
    """Give a finding on a line, about a site with these fields."""
    rules = make_rules()

    def find(line, **fields):
        (finding,) = judge([make_site(line, **fields)], rules)
        return finding

    return find


def how(before, after, *texts):
    """Give how one finding came to be the other one; None where it did not."""
    heir = Succession([before], [after], [change_of_texts("a.c", *texts)]).ancestor(after)
    return heir.how if heir else None


@pytest.mark.parametrize(
    ("lines", "texts", "expected"),
    [
        ((1, 2), ("call\n", "new\ncall\n"), How.STAYED),
        ((1, 3), ("call\nx\ny\n", "x\ny\ncall\n"), How.CARRIED),
        ((1, 1), ("a = call(x)\n", "b = call(x)\n"), How.RENAMED),
        ((1, 1), ("a = call(x)\n", "a = call(x) | 1\n"), How.CHANGED),
        ((1, 2), ("call(x)\ny\n", "y\nother(z) + 1\n"), How.CHANGED),
        ((1, 3), ("a = call(x)\ny\n", "b = call(x) + 1\ny\ncall(q)\n"), None),
        ((1, 2), ("call(x)\ny\n", "call(x)\ny + 1\n"), None),
    ],
    ids=["stayed", "carried", "renamed", "changed", "gone and new", "another", "left alone"],
)
def test_how_a_finding_comes_through_a_patch(find, lines, texts, expected):
    before, after = (find(line) for line in lines)

    assert how(before, after, *texts) is expected


def test_another_call_is_another_defect(find):
    before, after = find(1, callee="tdh_a"), find(1, callee="tdh_b")

    assert how(before, after, "\ttdh_a(x);\n", "\ttdh_b(x);\n") is None


def test_a_call_whose_function_the_patch_renames_is_the_same(find):
    before, after = find(2, callee="tdh_a"), find(2, callee="tdh_b")
    texts = ("u64 tdh_a(int x);\n\ttdh_a(x);\n", "u64 tdh_b(int x);\n\ttdh_b(x);\n")

    assert how(before, after, *texts) is How.RENAMED


def test_each_finding_has_one_heir_at_most(find):
    before, first, second = find(1), find(2), find(3)
    pairs = Succession([before], [first, second], [change_of_texts("a.c", "c\n", "x\nc\nc\n")])

    assert (pairs.heir(before), pairs.ancestor(second)) == (first, None)
    assert not pairs.is_still


def test_what_more_of_the_code_refutes_was_not_known(find):
    wrong, right = find(1, callee="tdh_a"), find(2, callee="tdh_b")
    passage = Passage([wrong, right], [find(2, callee="tdh_b")], [], [])

    assert [passage.knew(each) for each in (wrong, right)] == [False, True]
    assert passage.heir(right) is None
