import pytest

from tdxreview.data.yaml_file import LARGEST, Fields, Items, Scalar, parse_yaml, read_yaml
from tdxreview.errors import RuleError


def test_every_scalar_is_the_string_that_was_written():
    assert parse_yaml("a: on\nb: [1, no, null]\n", "x.yml") == Fields(
        (
            (Scalar("a", 1), Scalar("on", 1)),
            (
                Scalar("b", 2),
                Items((Scalar("1", 2), Scalar("no", 2), Scalar("null", 2)), 2),
            ),
        ),
        1,
    )


def test_a_comment_may_follow_a_text():
    assert parse_yaml("a: b # why\n", "x.yml").entries == ((Scalar("a", 1), Scalar("b", 1)),)


def test_the_line_of_a_block_is_that_of_its_text():
    root = parse_yaml("a: 1\ncode: |\n  first\n  second\n", "x.yml")

    assert root.entries[1][1] == Scalar("first\nsecond\n", 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "x.yml:3: holds `a` twice (first in line 1); keep one"),
        ("a: 1\nb: &x 1", "x.yml:2: holds an anchor or alias; write the value out"),
        ("a: *x", "x.yml:1: holds an anchor or alias; write the value out"),
        (
            "a: !!int 3",
            "x.yml:1: holds the tag tag:yaml.org,2002:int; every value is a string here",
        ),
        ("---\na: 1\n---\nb: 2", "x.yml:4: holds a second document; keep one in a file"),
        ("? [a]\n: x", "x.yml:1: holds a list or mapping as a key; keys are words"),
        ("a: b\nc: after #UD, RAX", "x.yml:2: holds a text cut off at `#UD,`; put it in quotes"),
        ("- 1", "x.yml:1: holds no mapping; write it as lines of `key: value`"),
        ("", "x.yml:1: holds no mapping; write it as lines of `key: value`"),
    ],
)
def test_what_is_not_needed_is_refused_with_its_line(text, message):
    with pytest.raises(RuleError) as caught:
        parse_yaml(text, "x.yml")

    assert message == str(caught.value)


def test_what_is_not_yaml_is_refused_with_its_line():
    with pytest.raises(RuleError, match=r"^x\.yml:2: is not YAML: "):
        parse_yaml("a:\n\tb", "x.yml")


def test_deep_nesting_costs_neither_time_nor_stack():
    """Some releases of the library refuse it first, in words of their own."""
    with pytest.raises(RuleError, match=r"^x\.yml:1: (holds nesting deeper than 12|is not YAML: )"):
        parse_yaml("[" * 500_000, "x.yml")


def test_nesting_just_over_the_limit_is_refused_in_our_words():
    with pytest.raises(RuleError, match=r"^x\.yml:1: holds nesting deeper than 12"):
        parse_yaml("a: " + "[" * 13 + "]" * 13, "x.yml")


def test_a_bomb_of_aliases_is_refused_at_the_first_anchor():
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"

    with pytest.raises(RuleError, match=r"x\.yml:1: holds an anchor"):
        parse_yaml(bomb, "x.yml")


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "huge.yml"
    path.write_bytes(b"a" * (LARGEST + 1))

    with pytest.raises(RuleError, match=r"huge\.yml: is larger than 1048576 bytes"):
        read_yaml(path, path.name)


def test_a_file_that_is_not_utf_8_names_the_line(tmp_path):
    path = tmp_path / "latin.yml"
    path.write_bytes(b"a: 1\nb: \xe9\n")

    with pytest.raises(RuleError, match=r"latin\.yml:2: is not UTF-8"):
        read_yaml(path, path.name)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(RuleError, match=r"gone\.yml: cannot be read: "):
        read_yaml(tmp_path / "gone.yml", "gone.yml")
