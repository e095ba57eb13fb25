"""Which writes say that something is up, and which take it back."""

import pytest

from tdxreview.dataflow.flag_writes import writes
from tdxreview.program.unit import unit
from tests.facts.c_facts import image_of_text


def write(statement):
    """Give the flags that a statement writes, and whether it sets each."""
    image = image_of_text("arch/x86/own.c", f"void set(struct own *own)\n{{\n\t{statement}\n}}\n")
    (function,) = unit(image).functions
    return [(each.flag, each.sets) for each in writes(function)]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("own->state = (struct own_state){};", [("own.state", False)]),
        ("own_state = (typeof(own_state)){ 0 };", [("own_state", False)]),
        ("own_state = (struct own_state){ .ready = true };", [("own_state", True)]),
        ("own_state = (struct own_state){ .ready = false };", [("own_state", False)]),
        ("memset(&own_state, 0, sizeof(own_state));", [("own_state", False)]),
        ("own_state.ready = true;", [("own_state.ready", True)]),
    ],
)
def test_a_struct_that_is_assigned_says_what_its_members_say(statement, expected):
    assert write(statement) == expected
