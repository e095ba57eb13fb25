"""Which ways to make a SEAMCALL go unsaid: no more than are known."""

from tools.fuzz.planting import SPELLINGS
from tools.fuzz.survey import known, lost_today


def test_no_way_to_make_a_seamcall_is_lost_but_those_that_are_known():
    assert [name for name in lost_today() if name not in known()] == []


def test_what_is_known_to_be_lost_is_something_that_is_tried():
    assert [name for name in known() if name.split()[0] not in SPELLINGS] == []
