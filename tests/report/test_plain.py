import pytest

from tdxreview.report.plain import one_line, plain


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07text", "]0;titletext"),
        ("\x9b31mred", "31mred"),
        ("bell\x07 back\x08 nul\x00 del\x7f", "bell back nul del"),
        ("over\rwritten", "overwritten"),
    ],
)
def test_control_characters_are_taken_out(given, expected):
    assert plain(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("if (x\u202e)", "if (x<U+202E>)"),
        ("a\u2066b\u2069", "a<U+2066>b<U+2069>"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("line\u2028end", "line<U+2028>end"),
        ("\U000e0041tag", "<U+E0041>tag"),
    ],
)
def test_what_steers_without_being_seen_is_spelt_out(given, expected):
    assert plain(given) == expected


def test_a_lone_surrogate_becomes_a_character_that_can_be_written():
    assert plain("a\udc9bb") == "a\ufffdb"


def test_tabs_and_line_ends_stay():
    assert plain("\tint r;\n\x1b") == "\tint r;\n"


def test_letters_of_every_script_stay():
    assert plain("Jörg 黄凯 Ελένη") == "Jörg 黄凯 Ελένη"


def test_one_line_has_single_spaces_only():
    assert one_line(" a\n\tb\x1b \r\n c ") == "a b c"
