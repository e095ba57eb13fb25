"""What was found in a whole tree is taken from an earlier run, and is the same without."""

import os
import subprocess
import sys

import msgspec
import pytest

from tdxreview.cfront.ctypes import U64, CValue
from tdxreview.dataflow.domains.power import Change, Outcome
from tdxreview.dataflow.domains.signs import Value
from tdxreview.dataflow.domains.status_value import Constant, status
from tdxreview.dataflow.summary_types import Explored
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.program.effort import bounded, effort
from tdxreview.review import incremental
from tdxreview.review.incremental import Court
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.secret import Secret
from tdxreview.source.text import image_of_text
from tdxreview.store import Store

CORE = "arch/x86/virt/vmx/tdx/tdx.c"
ASSEMBLY = "arch/x86/virt/vmx/tdx/seamcall.S"
TEXTS = {
    CORE: """
static int lp_init(void)
{
	struct tdx_module_args args = {};

	seamcall(TDH_SYS_LP_INIT, &args);
	return 0;
}

int tdx_cpu_enable(void)
{
	return lp_init();
}
""",
    ASSEMBLY: """
SYM_FUNC_START(__seamcall)
	.byte 0x66, 0x0f, 0x01, 0xcf
	RET
SYM_FUNC_END(__seamcall)
""",
}


@pytest.fixture(scope="module")
def rules():
    return load_rules(bundled_folder())


@pytest.fixture(scope="module")
def abi():
    return load_abi(bundled_folder())


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path, Secret(None, "a secret of the tests, long enough"))


def images(**changed):
    texts = TEXTS | changed
    return [image_of_text(path, text) for path, text in texts.items()]


def judged(rules, abi, store, files=None, *, size=10**9):
    court = Court(rules, abi, store, standing=False)
    with bounded(size):
        found = court.judged_first(files or images())
    return found, court.remembers


def test_a_second_run_looks_at_nothing_again(rules, abi, store, monkeypatch):
    first, _ = judged(rules, abi, store)
    monkeypatch.delattr(incremental, "gather")
    second, remembered = judged(rules, abi, store)

    assert remembered
    assert second.gathered == first.gathered
    assert second.routines == first.routines
    assert [each.rule for each in second.found] == [
        "trap-no-exception-entry",
        "status-ignored",
        "status-fault-as-success",
    ]
    assert second.found == first.found


def test_a_patch_on_what_was_kept_is_judged_as_afresh(rules, abi, store):
    patched = TEXTS[CORE].replace("\tseamcall(", "\n\treturn seamcall(")
    judged(rules, abi, store)
    court = Court(rules, abi, store, standing=False)
    with bounded(10**9):
        after = court.judged(images(**{CORE: patched}), court.judged_first(images()))
    afresh, _ = judged(rules, abi, store, images(**{CORE: patched}))

    assert court.remembers
    assert (after.gathered, after.found) == (afresh.gathered, afresh.found)
    assert after.gathered != judged(rules, abi, store)[0].gathered


@pytest.mark.parametrize("path", [CORE, ASSEMBLY])
def test_other_code_gets_nothing_of_it(rules, abi, store, path):
    judged(rules, abi, store)

    assert not judged(rules, abi, store, images(**{path: TEXTS[path] + "\n"}))[1]


def test_a_series_that_stands_as_it_is_and_one_that_is_changed_are_kept_apart(rules, abi, store):
    judged(rules, abi, store)
    court = Court(rules, abi, store, standing=True)
    court.judged_first(images())

    assert not court.remembers


def test_nothing_is_kept_once_walks_have_to_spare(rules, abi, store):
    with bounded(0) as own:
        own.note(None, "a walk", object(), own.left, lost=False)
        Court(rules, abi, store, standing=False).judged_first(images())

    assert not judged(rules, abi, store)[1]


def test_what_was_kept_counts_against_what_walks_may_use(rules, abi, store):
    with bounded(0):
        before = effort().left
        Court(rules, abi, store, standing=False).judged_first(images())
        used = before - effort().left
    with bounded(0):
        before = effort().left
        Court(rules, abi, store, standing=False).judged_first(images())

        assert before - effort().left == used > 0


def test_what_would_leave_walks_too_little_is_not_taken(rules, abi, store):
    judged(rules, abi, store)
    with bounded(0) as own:
        own.note(None, "a walk", object(), own.left - 1, lost=False)
        court = Court(rules, abi, store, standing=False)
        court.judged_first(images())

    assert not court.remembers


PLACE = """
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.review.kept_state import Keeper
from tdxreview.rules.folders import bundled_folder

print(Keeper(load_abi(bundled_folder()))._place(()))
"""


def place_in_a_process(seed):
    """Give where a process keeps a state; `seed` decides the order of its sets."""
    environment = os.environ | {"PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", PLACE]
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout


def test_every_process_looks_in_the_same_place():
    assert place_in_a_process("1") == place_in_a_process("2")


@pytest.mark.parametrize(
    "exact", [None, Constant(CValue(3, U64), "TDX_BUSY"), status((0, 5), 2)], ids=str
)
def test_what_a_walk_ends_with_comes_back_from_a_file_as_it_was(exact):
    ended = Explored((), (Outcome(Value(exact=exact), Change.ON),), states=7)

    assert msgspec.json.decode(msgspec.json.encode(ended), type=Explored) == ended


def test_data_of_a_house_gets_nothing_of_what_ours_made(rules, abi, store, tmp_path):
    house = tmp_path / "house"
    (house / "kernel").mkdir(parents=True)
    (house / "tdx-rules.yml").write_text("format: 1\n")
    (house / "protocol.yml").write_text(
        "sources: {house: our tree}\ncontracts:\n"
        "  - {function: house_on, ensures: [vmx-on], source: house}\n"
    )
    (house / "kernel" / "calls.yml").write_text(
        "sources: {house: our tree}\nprints:\n  - {name: house_say, source: house}\n"
    )
    with_both = load_abi(bundled_folder(), (house,))
    (house / "protocol.yml").unlink()
    with_names = load_abi(bundled_folder(), (house,))

    for data in (abi, with_both, with_names, abi):
        assert (judged(rules, data, store)[1], judged(rules, data, store)[1]) == (False, True)
