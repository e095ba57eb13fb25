"""Linux' own TDX host code: it is read whole, and nothing in it is called wrong."""

import sys

import pytest

from tdxreview.facts.collect_c import gather_c
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.program.unit import unit
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Severity
from tdxreview.source.text import image_of_text

HEADERS = ("arch/x86/include/asm/tdx.h", "arch/x86/virt/vmx/tdx/tdx.h")
PATTERNS = (
    "arch/x86/virt/vmx/tdx/*.c",
    "arch/x86/kvm/vmx/*.c",
    "arch/x86/kvm/x86.c",
    "arch/x86/kernel/cpu/mce/core.c",
)
MOST_CALLS = {"arch/x86/virt/vmx/tdx/tdx.c": 70_000, "arch/x86/kvm/vmx/vmx.c": 70_000}


def sources(kernel):
    return sorted(path for pattern in PATTERNS for path in kernel.glob(pattern))


def image(kernel, path):
    text = path.read_text(encoding="utf-8", errors="replace")
    return image_of_text(str(path.relative_to(kernel)), text)


def test_no_function_body_is_damaged(kernel):
    functions = [f for path in sources(kernel) for f in unit(image(kernel, path)).functions]

    assert len(functions) > 500
    damaged = [f"{each.path}:{each.line} {each.name}" for each in functions if each.body.damaged]

    assert damaged == []


def test_nothing_is_called_an_error_or_a_warning(kernel):
    folder = bundled_folder()
    paths = [*(kernel / header for header in HEADERS), *sources(kernel)]

    gathered = gather_c([image(kernel, path) for path in paths], load_abi(folder))

    found = judge(gathered.subjects, load_rules(folder))
    assert [str(each.place) for each in found if each.severity is not Severity.NOTE] == []
    assert gathered.not_examined == ()


@pytest.mark.parametrize(("path", "most"), MOST_CALLS.items())
def test_the_facts_of_a_file_take_no_more_than_their_share_of_work(kernel, path, most):
    """Calls are counted, not seconds: they are the same on every machine.

    What is remembered of texts is so before the count, whatever tests have run.
    """
    abi = load_abi(bundled_folder())
    files = (*HEADERS, path)
    gather_c([image(kernel, kernel / each) for each in files], abi, frozenset({path}))
    images = [image(kernel, kernel / each) for each in files]
    gather_c(images[:-1], abi)

    assert calls(lambda: gather_c(images, abi, frozenset({path}))) < most


def calls(work):
    """Count the calls of Python functions that some work takes."""
    seen = 0

    def count(_frame, event, _argument):
        nonlocal seen
        seen += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return seen
