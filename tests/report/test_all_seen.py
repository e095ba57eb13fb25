"""The sentence about what was seen whole."""

from types import SimpleNamespace

from tdxreview.report.all_seen import all_seen
from tdxreview.source.model import InPart


def review(*names, path="arch/x86/virt/vmx/tdx/own.c"):
    return SimpleNamespace(
        examined_in_part=[InPart(1, path, each, "out of view") for each in names]
    )


def test_everything_is_claimed_only_where_nothing_was_seen_in_part():
    """An empty list is what the claim stands for."""
    assert all_seen(review()) == "Everything was examined."


def test_three_functions_are_named_and_the_others_counted():
    """One line has to do; JSON has them all."""
    said = all_seen(review("one", "two", "two", "three", "four", "five"))

    assert said == "Seen in part: one(), two(), three(), 2 more."


def test_a_piece_without_a_function_is_named_by_its_file():
    """Assembly has no brackets, and what a stranger called it steers no terminal."""
    assert all_seen(review("", path="a/entry.S")) == "Seen in part: entry.S."
    assert all_seen(review("own\x1b[1m", path="a/entry.S")) == "Seen in part: own[1m."
