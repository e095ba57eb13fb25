"""The same person under several spellings."""

import pytest

from tdxreview.mail.message import Author
from tdxreview.mail.people import same_person


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Author("Huang, Kai", ""), Author("Kai Huang", "k@x.y"), True),
        (Author("Ann B. Mey", ""), Author("Ann Mey", ""), True),
        (Author("Ann", "a@x.y"), Author("Somebody", "A@x.y"), True),
        (Author("José Díaz", ""), Author("Jose Diaz", ""), True),
        (Author("Ann Mey (Company)", ""), Author("Ann Mey", ""), True),
        (Author("", "ann.mey@x.y"), Author("Ann Mey", ""), True),
        (Author("Ann Mey", ""), Author("Ann Roe", ""), False),
        (Author("", ""), Author("", ""), False),
    ],
)
def test_people_are_told_by_address_or_name(one, other, same):
    assert same_person(one, other) is same
