"""Every kind of subject says what it knows in closed lists, so that rules can be checked."""

from enum import StrEnum

import pytest

from tdxreview.facts.model import Subject
from tdxreview.facts.registry import KINDS
from tdxreview.facts.vocabulary import facts_of, texts_of, values_of
from tdxreview.source.place import Place

OF_EVERY_SUBJECT = set(Subject.__struct_fields__)

TOLD = ("series", "claim", "revert", "remark", "approval", "window")
FOR_THE_ANALYSIS = {
    "call": {"ways"},
    "guarded": {"guards"},
    "life-step": {"kept", "open"},
    "site": {"ways"},
    **{kind: {"patch"} for kind in TOLD},
}
"""Fields that no rule can name: what one state is compared with another by, and ways."""


class Colour(StrEnum):
    """A fact."""

    RED = "red"
    UNKNOWN = "unknown"


class Thing(Subject, frozen=True, kw_only=True):
    """A kind with one fact, one set of them and one text."""

    name: str
    colour: Colour
    colours: frozenset[Colour]


@pytest.fixture
def about(monkeypatch):
    monkeypatch.setitem(KINDS, "thing", Thing)
    yield "thing"
    facts_of.cache_clear()
    texts_of.cache_clear()


def test_enums_and_sets_of_them_are_facts(about):
    values = frozenset({"red", "unknown"})

    assert facts_of(about) == {"colour": values, "colours": values}


def test_strings_are_texts(about):
    assert texts_of(about) == ("function", "name")


def test_a_fact_has_one_value_or_a_set_of_them():
    thing = Thing(
        place=Place(path="a.c", line=1, end_line=1),
        function="f",
        name="n",
        colour=Colour.RED,
        colours=frozenset({Colour.RED, Colour.UNKNOWN}),
    )

    assert values_of(thing, "colour") == {"red"}
    assert values_of(thing, "colours") == {"red", "unknown"}


@pytest.mark.parametrize("about", KINDS)
def test_every_field_of_a_kind_is_a_fact_or_a_text(about):
    names = set(KINDS[about].__struct_fields__)

    spoken = {*facts_of(about), *texts_of(about)}

    assert names - OF_EVERY_SUBJECT - spoken == FOR_THE_ANALYSIS.get(about, set())


@pytest.mark.parametrize("about", KINDS)
def test_every_fact_can_be_unknown(about):
    sure = [fact for fact, values in facts_of(about).items() if "unknown" not in values]

    assert sure == []
