"""The work of a review grows as its input does, whatever the input is made of.

Work is counted in calls of functions, which no machine makes more or fewer of.
"""

import cProfile
import gzip
import importlib.util
from pathlib import Path

import pytest

from tdxreview.cli.knowledge import load_knowledge
from tdxreview.errors import InputError
from tdxreview.mail.intake import read_bytes
from tdxreview.program import effort as effort_module
from tdxreview.program.effort import bounded, effort, spare
from tdxreview.program.unit import Text
from tdxreview.review.review import review

SMALL = 6_000
STEEPEST = 2.7
"""Twice the input may be so many times the work; twice as much for each would be 4 times."""


def shapes():
    path = Path(__file__).parent.parent / "tools" / "shapes.py"
    spec = importlib.util.spec_from_file_location("shapes", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SHAPES


SHAPES = shapes()
PACKED = ("attachments", "compressed")
QUICK = {"chain", "cycle", "defines", "fan_out", "if_ladder", "locks", "sites", "variables"}
STEEP = {
    "patches_to_one_file": "each state numbers and sums up all functions of the file again",
    "unwinding": "the registers are followed over a path for each way out",
}
"""What still grows faster, and why: it may leave this list, nothing may join it."""


LOOSER = {"patches": 3.2, "switch": 3.1}
"""Each patch is a state of its own, and looks at what stands in all files once more; each label of
a switch is told from those before it."""


def marks(name):
    known = [pytest.mark.xfail(reason=STEEP[name], strict=True)] if name in STEEP else []
    return [*known, *([] if name in QUICK else [pytest.mark.slow])]


MEASURED = [pytest.param(name, marks=marks(name)) for name in sorted(SHAPES.keys() - set(PACKED))]


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge(())


def of_size(make, size):
    """Give the number of parts of which a shape has about a size."""
    parts = 1
    while len(make(parts * 2)) < size:
        parts *= 2
    return max(int(parts * size / len(make(parts))), 1)


def calls(data, knowledge):
    """Give how many calls of functions a review takes."""
    profile = cProfile.Profile()
    intake = read_bytes(data, "x")
    profile.enable()
    review(intake, knowledge)
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("name", MEASURED)
def test_twice_the_input_is_about_twice_the_work(name, knowledge):
    make = SHAPES[name]
    parts = of_size(make, SMALL)
    calls(make(3), knowledge)
    less, more = calls(make(parts), knowledge), calls(make(2 * parts), knowledge)

    assert more < LOOSER.get(name, STEEPEST) * less


def reasons(name, size, knowledge):
    found = review(read_bytes(SHAPES[name](size), "x"), knowledge)
    return [item.reason for item in found.not_examined]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("conditional_locks", "grow() has too many paths to tell which locks are held"),
        ("if_ladder", "grow() has too many paths to follow all of them"),
        ("conditional_locks", "grow() has too many paths to tell how far the module is"),
        ("powers", "grow() has too many paths to tell VMX operation"),
        ("if_ladder", "grow() has too many paths to tell what the registers hold"),
    ],
)
def test_what_is_cut_off_is_said(name, reason, knowledge):
    assert reason in reasons(name, 60, knowledge)
    assert reason not in reasons(name, 2, knowledge)


def test_functions_share_what_they_may_use(knowledge, monkeypatch):
    """Each of them alone is followed; together they are too much."""
    alone = reasons("tangles", 1, knowledge)
    monkeypatch.setattr(effort_module, "TOGETHER", 0)
    monkeypatch.setattr(effort_module, "BYTES_PER_STATE", 1000)
    together = reasons("tangles", 3, knowledge)
    plain = reasons("functions", 50, knowledge)

    assert "f0() has too many paths to follow all of them" not in alone
    assert "f2() has too many paths to follow all of them" in together
    assert plain == []


def test_the_same_input_is_cut_off_at_the_same_place_again(knowledge, monkeypatch):
    monkeypatch.setattr(effort_module, "TOGETHER", 10_000)
    assert reasons("tangles", 20, knowledge) == reasons("tangles", 20, knowledge)


def test_a_long_ring_of_functions_ends(knowledge):
    """Each calls the next one, and none is known before the others are."""
    assert reasons("cycle", 250, knowledge) == []


def text(name):
    return Text(name, name, 0, head=True, tail=True)


def test_a_result_counts_once_and_what_is_lost_is_kept():
    result = object()
    with bounded(0) as own:
        for _ in range(3):
            own.note(text("f"), "locks", result, effort_module.TOGETHER - 1, lost=False)
        assert not own.sparing
        own.note(text("f"), "locks", object(), 1, lost=True)
        own.note(text("f"), "VMX", object(), 0, lost=True)

        assert own.sparing
        assert own.unknown(text("f")) == ("locks", "VMX")
        assert own.unknown(text("g")) == ()


def test_what_is_bounded_stays_so_within():
    with bounded(0) as outer, bounded(10**9) as inner:
        assert inner is outer
        assert effort() is outer
    assert effort() is not outer


def test_little_is_spared_for_each_function():
    assert spare(10, 4000) == 60
    assert spare(10_000, 4000) == 4000


def test_attachments_are_unpacked_within_one_allowance():
    """Each of them is 14 MB, and compressed to nothing."""
    intake = read_bytes(SHAPES["attachments"](1000), "x")

    assert intake.messages[0].parts == ()
    assert len(intake.problems) == 20
    assert intake.problems[:2] == (
        (
            "x: has an attachment 0.patch.gz that inflates to too many lines for its size;"
            " unpack it and give one thread"
        ),
        (
            "x: has an attachment 1.patch.gz that inflates to too much for its size;"
            " unpack it and give one thread"
        ),
    )


def test_what_is_packed_to_nothing_is_not_unpacked_at_all():
    with pytest.raises(InputError, match="x: inflates to too much for its size; unpack it"):
        read_bytes(gzip.compress(b"+seamcall();\n" * 1_000_000, 9), "x")
