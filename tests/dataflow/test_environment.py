"""What all states know of variables and conditions."""

from tdxreview.dataflow.domains.signs import ANYTHING, TRUE, ZERO, Signs, Value
from tdxreview.dataflow.environment import Environment, mentions

KNOWN = Environment().knowing("a", ZERO).knowing("p->a", TRUE).knowing("ab", ZERO)


def test_what_is_not_known_is_anything():
    assert KNOWN.value("b") == ANYTHING


def test_a_changed_variable_takes_along_what_depends_on_it():
    assert KNOWN.forgetting("a").known == (("ab", ZERO),)


def test_only_what_decides_again_is_kept():
    assert KNOWN.keeping(frozenset({"p"})).known == (("p->a", TRUE),)


def test_a_value_without_a_sign_is_on_no_path():
    assert not KNOWN.impossible
    assert KNOWN.knowing("a", Value(Signs(0))).impossible


def test_an_identifier_is_a_whole_word():
    assert mentions("p->ab+a", "a")
    assert not mentions("p->ab", "a")
