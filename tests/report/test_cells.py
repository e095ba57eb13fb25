import pytest

from tdxreview.report.cells import cut, expand_tabs, pad, paragraphs, width_of, wrapped


@pytest.mark.parametrize(("text", "width"), [("seamcall", 8), ("黄凯", 4), ("e\u0301", 1), ("", 0)])
def test_width_counts_columns_of_the_terminal(text, width):
    assert width_of(text) == width


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("\tr", "        r"),
        ("int\tr", "int     r"),
        ("12345678\tr", "12345678        r"),
        ("黄凯\tr", "黄凯    r"),
        ("\t\tr", "                r"),
    ],
)
def test_tabs_reach_the_next_eighth_column(given, expected):
    assert expand_tabs(given) == expected


def test_padding_minds_wide_characters():
    assert pad("黄", 4) == "黄  "


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [("seamcall", 8, "seamcall"), ("seamcall", 5, "seam…"), ("黄凯黄凯", 5, "黄凯…")],
)
def test_a_cut_shows_its_loss(text, columns, expected):
    assert cut(text, columns) == expected


def test_words_fill_lines_up_to_the_last_column():
    assert list(wrapped("aa bb cc dd", 5)) == ["aa bb", "cc dd"]


def test_wide_words_fill_by_their_columns():
    assert list(wrapped("黄凯 黄凯", 6)) == ["黄凯", "黄凯"]


def test_a_word_wider_than_the_line_is_broken():
    assert list(wrapped("to abcdefgh", 4)) == ["to", "abcd", "efgh"]


def test_nothing_gives_no_lines():
    assert list(wrapped(" \n ", 10)) == []


def test_empty_lines_part_paragraphs():
    assert paragraphs("one\n  two\n\n\nthree\n") == ("one two", "three")
