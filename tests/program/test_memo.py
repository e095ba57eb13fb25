"""A result is kept by the value of what was read to get it, in a run and between runs."""

import msgspec
from msgspec import Struct

from tdxreview.program.memo import Memo


class Sum(Struct, frozen=True):
    """A result, and what it took."""

    value: int
    cost: int = 0


class Counting:
    """Sums, each computed at a cost that is its value."""

    def __init__(self):
        self.done = []

    def of(self, *numbers):
        """Give what computes the sum of numbers."""

        def compute():
            self.done.append(numbers)
            return Sum(sum(numbers), cost=sum(numbers))

        return compute


def memo(size=10, worth=5):
    return Memo("a test", Sum, lambda found: found.cost, size=size, worth=worth)


def test_equal_reads_are_computed_once():
    own, counting = memo(), Counting()

    assert own.get((1, 2), counting.of(1, 2)) == Sum(3, 3)
    assert own.get((1, 2), counting.of(1, 2)) == Sum(3, 3)
    assert own.get((2, 1), counting.of(2, 1)) == Sum(3, 3)
    assert counting.done == [(1, 2), (2, 1)]


def test_the_least_recently_used_one_is_let_go():
    own, counting = memo(size=2), Counting()
    for number in (1, 2, 1, 3, 1, 2):
        own.get((number,), counting.of(number))

    assert counting.done == [(1,), (2,), (3,), (2,)]


def test_what_was_costly_outlives_the_run():
    first, counting = memo(), Counting()
    for number in (4, 5, 6):
        first.get((number,), counting.of(number))
    kept = dict(first.costly())
    later = memo()
    later.take(kept)
    for number in (6, 5, 4):
        assert later.get((number,), counting.of(number)) == Sum(number, number)

    assert len(kept) == 2
    assert counting.done == [(4,), (5,), (6,), (4,)]


def test_what_is_no_result_is_computed():
    first, counting = memo(), Counting()
    first.get((7,), counting.of(7))
    later = memo()
    later.take({name: msgspec.Raw(b'{"value":"seven"}') for name, _ in first.costly()})

    assert later.get((7,), counting.of(7)) == Sum(7, 7)
    assert counting.done == [(7,), (7,)]
