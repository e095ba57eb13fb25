import time
from itertools import pairwise

import pytest

from tdxreview.revisions.align import kept


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("", "", []),
        ("abc", "", []),
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "axc", [(0, 0), (2, 2)]),
        ("abcd", "cabd", [(0, 1), (1, 2), (3, 3)]),
        ("aab", "ab", [(0, 0), (2, 1)]),
        ("xaay", "xay", [(0, 0), (1, 1), (3, 2)]),
    ],
)
def test_lines_that_both_have_are_paired_in_order(old, new, same):
    assert kept(old, new) == same


def test_long_texts_are_anchored_at_lines_that_stand_once():
    old = [f"line {n}" for n in range(500)]
    new = [*old[:100], "new", *old[150:], "end"]

    pairs = kept(old, new)

    assert pairs == [(n, n) for n in range(100)] + [(n, n - 49) for n in range(150, 500)]


def test_what_stands_in_no_order_is_not_paired_twice():
    """Every index comes once, and both sides rise."""
    old = [str(n % 97) for n in range(1000)]
    new = [str(n * 31 % 97) for n in range(1000)]

    pairs = kept(old, new)

    assert all(one < other and a < b for (one, a), (other, b) in pairwise(pairs))
    assert all(old[one] == new[other] for one, other in pairs)


def test_the_same_line_many_times_takes_no_quadratic_time():
    old = ["a", *["x"] * 20_000, "b"]
    new = ["c", *["x"] * 20_000, "d"]

    began = time.process_time()
    kept(old, new)

    assert time.process_time() - began < 2
