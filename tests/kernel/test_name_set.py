"""Names that stand in a set, or fit a pattern of it."""

import pytest

from tdxreview.kernel.name_set import NameSet

KNOWN = NameSet(names=frozenset({"vfree"}), patterns=("vmalloc*", "wbinvd_on_*cpu"))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("vfree", True),
        ("vfree_late", False),
        ("vmalloc", True),
        ("vmalloc_node", True),
        ("kvmalloc", False),
        ("wbinvd_on_cpu", True),
        ("wbinvd_on_this_cpu", True),
        ("wbinvd_on_cpus", False),
        ("vmalloc(node", False),
    ],
)
def test_a_pattern_stands_for_whole_names(name, known):
    assert (name in KNOWN) is known


@pytest.mark.parametrize(
    ("text", "known"), [("x = vmalloc_node(4);", True), ("kvmalloc(4); xvfree();", False)]
)
def test_a_name_is_found_in_a_text_as_a_whole_word(text, known):
    assert KNOWN.within(text) is known


def test_those_of_some_words_are_given():
    words = ["vfree", "kvmalloc", "wbinvd_on_cpu", "vfree"]

    assert KNOWN.among(words) == {"vfree", "wbinvd_on_cpu"}
    assert NameSet(names=frozenset({"kvmalloc"})).among(words) == {"kvmalloc"}
    assert NameSet().among(words) == frozenset()


def test_an_empty_set_has_nothing():
    assert "vfree" not in NameSet()
    assert not NameSet().within("vfree(x)")
