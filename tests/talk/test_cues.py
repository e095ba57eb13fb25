"""Phrases found word by word."""

import pytest

from tdxreview.talk.cues import Cue, CueBook, Element, Group, Talk, Where, sentence

LISTS = {"filler": (("oh",), ("well",)), "change": (("drop",), ("get", "rid"))}


def book(where, *elements, unless=()):
    groups = (Group(where, (elements,)),)
    return CueBook(Talk(cues=(Cue(id="x", groups=groups, unless=unless),), lists=LISTS))


def word(*words, optional=False):
    return Element(tuple((each,) for each in words), optional=optional)


WILL = (word("will"), word("now", optional=True), Element(lists=("change",)))


@pytest.mark.parametrize(
    ("where", "text", "found"),
    [
        (Where.ANYWHERE, "I will drop it.", "will drop"),
        (Where.ANYWHERE, "I *will* now, GET rid of it.", "will now, GET rid"),
        (Where.ANYWHERE, "I will not drop it.", ""),
        (Where.SENTENCE, "Oh well, will drop it.", "will drop"),
        (Where.SENTENCE, "I will drop it.", ""),
        (Where.WHOLE, "Will drop.", "Will drop"),
        (Where.WHOLE, "Will drop it.", ""),
        (Where.START, "Will drop it.", "Will drop"),
    ],
)
def test_a_phrase_is_found_where_it_counts(where, text, found):
    assert book(where, *WILL).find("x", sentence(text, first=True)) == found


def test_the_start_is_that_of_a_paragraph():
    assert book(Where.START, *WILL).find("x", sentence("Will drop it.")) == ""


def test_a_gap_stands_for_up_to_three_words():
    gapped = book(Where.ANYWHERE, word("drop"), Element(gap=True), word("instead"))

    assert gapped.find("x", sentence("drop a b c instead")) == "drop a b c instead"
    assert gapped.find("x", sentence("drop a b c d instead")) == ""


def test_another_phrase_of_the_sentence_takes_it_away():
    doubted = book(Where.ANYWHERE, *WILL, unless=((word("never"),),))

    assert doubted.find("x", sentence("I will drop it, never mind.")) == ""


def test_a_question_mark_is_a_word():
    asked = book(Where.ANYWHERE, word("lock"), word("?"))

    assert asked.find("x", sentence("Which lock?")) == "lock?"
