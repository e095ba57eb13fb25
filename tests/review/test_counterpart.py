"""Lines held against each other: texts before and after a patch."""

import pytest

from tdxreview.review.counterpart import Counterparts, Rename, exchanged
from tdxreview.source.follow import Spot
from tdxreview.source.text import change_of_texts


def around(before, after, path="a.c"):
    return Counterparts([change_of_texts(path, before, after)])


@pytest.mark.parametrize(
    ("before", "after", "line", "expected"),
    [
        ("a\nb\n", "new\na\nb\n", 2, Spot("a.c", 3)),
        ("int x;\ncall(a);\n", "int x;\ncall(b);\n", 2, Spot("a.c", 2)),
        ("call(first, a);\n", "if (late)\n\treturn;\nerr = call(first, a);\n", 1, Spot("a.c", 3)),
        ("call(a);\nx\n", "x\n", 1, None),
        ("call(a);\nx\n", "while (busy) {}\nx\n", 1, None),
        ("x\ncall(a);\n", "x\n\ncall(a, b);\n", 2, Spot("a.c", 3)),
    ],
    ids=["kept", "renamed", "put in a result", "gone", "nothing alike", "the last lines"],
)
def test_the_line_that_stands_for_one_before(before, after, line, expected):
    assert around(before, after).after(Spot("a.c", line)) == expected


def test_a_file_without_a_change_stays_as_it_is():
    assert around("a\n", "b\n").after(Spot("other.c", 7)) == Spot("other.c", 7)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("put(page);", "put(frame);", {Rename("page", "frame")}),
        ("put(page, page);", "put(frame, frame);", {Rename("page", "frame")}),
        ("put(page);", "put(page);", set()),
        ("put(page);", "put(page, 1);", None),
        ("x + 1", "x + 2", None),
        ("a < b", "a > b", None),
    ],
)
def test_names_by_which_two_texts_differ(old, new, expected):
    assert exchanged(old, new) == (None if expected is None else frozenset(expected))


def test_renames_of_definitions_stand_at_the_left_margin():
    lines = around(
        "int give(int page)\n{\n\tput(page);\n}\n", "int hand(int page)\n{\n\tput(frame);\n}\n"
    )

    assert lines.renames == {Rename("give", "hand"), Rename("page", "frame")}
    assert lines.renamed_definitions == {Rename("give", "hand")}


def test_lines_of_a_block_with_more_added_than_removed_are_paired_by_likeness():
    lines = around("\tput_page(page);\n", "\tif (frame)\n\t\tput_page(frame);\n")

    assert lines.renames == {Rename("page", "frame")}
