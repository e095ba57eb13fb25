"""What stands around the assembler."""

import shutil

import pytest

from tdxreview.asm.prove import fence
from tdxreview.asm.prove.fence import Fence, fence_here, run_fenced
from tdxreview.report.prove import FENCES, json_prove, prove_report
from tdxreview.report.view import View


@pytest.fixture(autouse=True)
def fresh():
    fence_here.cache_clear()
    yield
    fence_here.cache_clear()


def test_without_namespaces_there_are_limits(monkeypatch, prove, routine):
    monkeypatch.setattr(fence, "_works", lambda _: False)
    proof = prove(routine())

    assert (proof.fence, proof.holds) == ("limits", True)


@pytest.mark.skipif(not shutil.which("as"), reason="as is not installed")
def test_a_tool_within_namespaces_sees_no_file_but_its_own(tmp_path):
    if fence_here() is Fence.LIMITS:
        pytest.skip("neither bwrap nor unshare works here")
    outside, inside = tmp_path / "outside.s", tmp_path / "work"
    (inside / "root").mkdir(parents=True)
    outside.write_text("nop\n")
    (inside / "code.s").write_text("nop\n")

    assert run_fenced(inside, "as", "-o", "{work}/code.o", "{work}/code.s").returncode == 0
    assert run_fenced(inside, "as", "-o", "{work}/code.o", str(outside)).returncode != 0
    assert run_fenced(inside, "as", "-o", "{work}/code.o", "/etc/hostname").returncode != 0


def test_the_report_says_which_fence_held(prove, routine):
    proof = prove(routine())

    text = prove_report(proof, View(width=80))
    assert f"The assembler ran within {FENCES[proof.fence]}.\n" in text
    assert f'"fence": "{proof.fence}"' in json_prove(proof)


def test_every_fence_has_words():
    assert set(FENCES) == set(Fence)


def test_where_nothing_was_assembled_no_fence_is_named(prove):
    assert prove("SYM_FUNC_START(a)\n\tret\nSYM_FUNC_END(a)\n").fence == ""
