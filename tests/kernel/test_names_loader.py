"""The names of the kernel's: read with place, refused with place."""

import shutil

import pytest

from tdxreview.data.bundled import bundled_folder
from tdxreview.errors import RuleError
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.kernel.context import Held
from tdxreview.kernel.locks import LockCall
from tdxreview.kernel.names import Number, kernel_names, use, working_with
from tdxreview.kernel.names_loader import load_names


@pytest.fixture
def folder(tmp_path):
    """Give a copy of the bundled names."""
    return shutil.copytree(bundled_folder() / "kernel", tmp_path / "kernel")


@pytest.fixture
def adding(folder):
    """Give a function that puts lines at the end of a list, and tells in which line they stand."""

    def add(name, key, *lines):
        path = folder / name
        before, _, after = path.read_text().partition(f"\n{key}:\n")
        path.write_text(f"{before}\n{key}:\n" + "".join(f"  - {line}\n" for line in lines) + after)
        return before.count("\n") + 3

    return add


def test_a_line_is_a_lock_call(folder, adding):
    given = "takes: {spinlock: 1, irqs-off: 0}, success: zero"
    adding("locks.yml", "calls", f"{{name: tile_lock_irqsave, {given}, source: [mutex]}}")

    assert load_names(folder).locks.calls["tile_lock_irqsave"] == LockCall(
        takes=((Held.SPINLOCK, 1), (Held.IRQS_OFF, 0)), nonzero=False
    )


def test_a_line_is_a_number(folder, adding):
    adding("numbers.yml", "numbers", "{name: TILES, value: 0x10, bits: 16, source: [limits]}")

    assert load_names(folder).numbers.numbers["TILES"] == Number(16, 16)


def test_pieces_in_braces_stand_for_each_of_them(folder, adding):
    adding("calls.yml", "prints", '{names: ["tile_{say,shout}{,_once}", "{a,b}_*"], source: [bug]}')

    prints = load_names(folder).calls.prints
    wanted = {"tile_say", "tile_shout", "tile_say_once", "tile_shout_once"}
    assert wanted <= prints.names
    assert ("a_x" in prints, "c_x" in prints) == (True, False)


def test_a_line_is_a_call_that_sleeps(folder, adding):
    adding("sleeping.yml", "sleeps", '{names: [nap, "doze_*"], source: [core]}')

    sleeps = load_names(folder).sleeping.sleeps
    assert [name in sleeps for name in ("nap", "doze_long", "doze")] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "key", "entry", "problem"),
    [
        ("locks.yml", "calls", "{name: a_lock, source: [mutex]}", "has `takes` or `gives`"),
        ("locks.yml", "calls", "{name: a-lock, takes: {mutex: 0}, source: [mutex]}", "no name"),
        ("locks.yml", "calls", "{name: a_lock, takes: {mutexx: 0}, source: [mutex]}", "`mutex`?"),
        (
            "locks.yml",
            "calls",
            "{name: a_lock, takes: {mutex: 16}, source: [mutex]}",
            "no argument",
        ),
        ("locks.yml", "calls", "{name: a_lock, takes: {mutex: 0}}", "lacks `source`"),
        ("locks.yml", "calls", "{name: a_lock, takes: {mutex: 0}, source: [us]}", "no `us`"),
        ("locks.yml", "asserts", "{name: a_lock, kind: mute, source: [mutex]}", "`mutex`?"),
        ("locks.yml", "guards", "{name: a, holds: [mute], source: [mutex]}", "`mutex`?"),
        ("locks.yml", "kinds", "{kind: mute, source: [mutex]}", "`mutex`?"),
        ("sleeping.yml", "sleeps", "{name: a, names: [b], source: [core]}", "keep one"),
        ("sleeping.yml", "sleeps", "{name: nap, when: later, source: [core]}", "no key `when`"),
        ("sleeping.yml", "sleeps", '{names: ["a|b"], source: [core]}', "no name"),
        ("numbers.yml", "numbers", "{name: A, value: -1, bits: 8, source: [limits]}", "a number"),
        ("numbers.yml", "bits", "{name: A, bits: 65, source: [limits]}", "from 0 to 64"),
        ("calls.yml", "prints", '{names: ["a{b"], source: [bug]}', "no name"),
        ("sleeping.yml", "sleeps", "{names: [nap, nap], source: [core]}", "twice"),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_line(folder, adding, name, key, entry, problem):
    line = adding(name, key, entry)

    with pytest.raises(RuleError) as caught:
        load_names(folder)
    assert f"{folder / name}:{line}: " in str(caught.value)
    assert problem in str(caught.value)


def test_a_list_that_is_not_known_is_refused(folder):
    (folder / "sleeping.yml").write_text((folder / "sleeping.yml").read_text() + "naps: []\n")

    with pytest.raises(RuleError, match="no key `naps`"):
        load_names(folder)


def test_the_states_of_what_is_held_are_those_of_the_protocol():
    known = {state.name for state in load_abi(bundled_folder()).states}

    assert {state for states in kernel_names().locks.states.values() for state in states} <= known


def test_a_process_works_with_the_names_it_is_given(folder, adding):
    adding("sleeping.yml", "sleeps", "{name: nap, source: [core]}")
    bundled, other = kernel_names(), load_names(folder)

    with working_with(other):
        assert kernel_names() is other
    assert kernel_names() is bundled
    use(other)
    assert kernel_names() is other
    use(bundled)
