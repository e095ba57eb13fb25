"""Which comments are close to a place."""

import pytest

from tdxreview.cfront.comments import near

TEXT = """\
/* one
   and a half */
x = 1;
y = 2; // two
/* three */ z = 3;
/* never closed
"""


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (0, 5, ["/* one\n   and a half */", "/* three */", "// two"]),
        (1, 2, ["/* one\n   and a half */"]),
        (2, 2, []),
        (3, 3, ["// two"]),
        (4, 99, ["/* three */"]),
    ],
)
def test_a_comment_counts_if_a_part_of_it_is_there(first, last, expected):
    assert list(near(TEXT, first, last)) == expected


def test_comments_that_never_end_take_no_time():
    assert list(near("/* " * 200_000, 0, 0)) == []
