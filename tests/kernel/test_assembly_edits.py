"""Linux 6.12's SEAMCALL assembly is right as it is, and every edit that breaks it is caught."""

import json
from pathlib import Path

import pytest

from tdxreview.asm.prove.assemble import missing_tool
from tdxreview.asm.prove.prove import prove as run_proof
from tdxreview.facts.trap.collect import gather_assembly
from tdxreview.facts.trap.schema import WRONG
from tdxreview.kernel.knowledge import Abi
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.text import image_of_text

DATA = json.loads((Path(__file__).parent.parent / "data" / "assembly_edits.json").read_text())
PATHS = (
    "arch/x86/virt/vmx/tdx/seamcall.S",
    "arch/x86/virt/vmx/tdx/tdxcall.S",
    "arch/x86/include/asm/tdx.h",
)
FUNCTIONS = ("__seamcall", "__seamcall_ret", "__seamcall_saved_ret")
ABI = Abi(leaves=(), statuses=(), wrappers=())


def named(edit):
    return edit["name"]


@pytest.fixture
def prove():
    if missing_tool() is not None:
        pytest.skip(f"{missing_tool()} is not installed")
    return run_proof


@pytest.fixture
def edited(kernel):
    """Give the images of the SEAMCALL files with an edit done; its text has to be there."""

    def done(edit=None):
        texts = {path: (kernel / path).read_text() for path in PATHS}
        for find, replace in edit["changes"] if edit else ():
            assert find in texts[edit["path"]]
            texts[edit["path"]] = texts[edit["path"]].replace(find, replace)
        return [image_of_text(path, text) for path, text in texts.items()]

    return done


def wrong_facts(images):
    subjects = gather_assembly(images, ABI).subjects
    return {
        fact
        for subject in subjects
        for fact, values in WRONG.items()
        if getattr(subject, fact) in values
    }


def test_by_running_every_outcome_of_every_function_is_right(edited, prove):
    proof = prove(edited(), None, ABI)

    assert proof.not_proven == ()
    assert [(c.function, c.outcome, c.got) for c in proof.checks] == [
        (function, outcome, status)
        for function in FUNCTIONS
        for outcome, status in (
            ("completed", "0x0000000000000000"),
            ("failed", "0xc000010000000002"),
            ("VMfailInvalid", "0x8000ff00ffff0000"),
            ("#UD", "0x8000ff0000000006"),
            ("#GP", "0x8000ff000000000d"),
        )
    ]


def test_the_trees_own_headers_give_the_same_proof_as_ours(edited, kernel, prove):
    assert prove(edited(), None, ABI) == prove(edited(), DirectoryTree(kernel), ABI)


def test_by_reading_nothing_is_wrong_and_everything_was_followed(edited):
    gathered = gather_assembly(edited(), ABI)

    assert gathered.not_examined == ()
    assert [
        (s.place.path, s.variant, s.entry, s.fixup, s.trap_status, s.vmfail, s.exits)
        for s in gathered.subjects
    ] == [(PATHS[1], ", ".join(FUNCTIONS), "fault", "conversion", "built", "converted", "balanced")]


@pytest.mark.parametrize("edit", DATA["wrong"], ids=named)
def test_an_edit_that_breaks_it_is_caught_by_reading(edited, edit):
    assert edit["broken"] in wrong_facts(edited(edit))


@pytest.mark.parametrize("edit", DATA["wrong"], ids=named)
def test_an_edit_that_breaks_it_is_caught_by_running(edited, edit, prove):
    proof = prove(edited(edit), None, ABI)

    assert [check.holds for check in proof.checks].count(False) > 0


@pytest.mark.parametrize("edit", DATA["right"], ids=named)
def test_a_correct_rewrite_is_silent_by_reading(edited, edit):
    images = edited(edit)

    assert wrong_facts(images) == set()
    assert gather_assembly(images, ABI).not_examined == ()


@pytest.mark.parametrize("edit", DATA["right"], ids=named)
def test_a_correct_rewrite_is_silent_by_running(edited, edit, prove):
    proof = prove(edited(edit), None, ABI)

    assert (proof.holds, proof.not_proven) == (True, ())
