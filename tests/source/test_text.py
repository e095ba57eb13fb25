"""Whole texts as images and changes."""

from tdxreview.source.model import KeptRun, LineMap, SourceLine
from tdxreview.source.text import change_of_texts, image_of_text

BEFORE = "one\ntwo\nthree\nfour\n"
AFTER = "one\nTWO\nTWO AND A HALF\nthree\nfour\nfive\n"


def test_an_image_of_a_text_is_whole_and_numbered_from_one():
    image = image_of_text("a.c", "x\ny\n")

    assert image.whole
    assert list(image.lines) == [(1, "x", None, None), (2, "y", None, None)]


def test_the_last_line_needs_no_line_feed():
    assert [SourceLine(1, "x", 3, None)] == list(image_of_text("a.c", "x", added_by=3).lines)


def test_an_empty_file_has_no_lines():
    image = image_of_text("a.c", "")

    assert (image.whole, image.fragments) == (True, ())


def test_only_a_line_feed_ends_a_line():
    """Form feeds stand in kernel files, and editors count them as part of a line."""
    assert [line.text for line in image_of_text("a.c", "a\fb\x85c\r\nd").lines] == [
        "a\fb\x85c",
        "d",
    ]


def test_a_change_marks_what_is_new_and_keeps_what_is_removed():
    change = change_of_texts("a.c", BEFORE, AFTER, patch=4)

    assert [line[:2] for line in change.added] == [(2, "TWO"), (3, "TWO AND A HALF"), (6, "five")]
    assert (SourceLine(2, "two", None, None),) == change.removed
    assert dict(change.kept) == {1: 1, 4: 3, 5: 4}


def test_all_of_a_new_file_is_added():
    change = change_of_texts("a.c", None, "x\ny\n", patch=2)

    assert change.before is None
    assert [line.added_by for line in change.added] == [2, 2]
    assert LineMap() == change.kept


def test_a_line_map_finds_one_line_without_spelling_itself_out():
    kept = LineMap((KeptRun(1, 1, 2), KeptRun(5, 3, 2)))

    assert [kept.before(number) for number in range(1, 8)] == [1, 2, None, None, 3, 4, None]
