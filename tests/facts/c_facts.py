"""Facts of a piece of C, for tests to ask about."""

from functools import cache

from tdxreview.facts.collect_c import gather_c
from tdxreview.facts.registry import KINDS
from tdxreview.kernel.abi_loader import load_abi
from tdxreview.rules.folders import bundled_folder
from tdxreview.source.text import image_of_text


@cache
def abi():
    """Give the ABI data that comes with the tool."""
    return load_abi(bundled_folder())


def subjects(about, code, path="arch/x86/virt/vmx/tdx/example.c"):
    """Give the subjects of one kind that a file has, in order."""
    found = gather_c([image_of_text(path, code)], abi()).subjects
    return tuple(each for each in found if type(each) is KINDS[about])


def line_of(code, text):
    """Give the number of the line that holds a text."""
    return next(n for n, line in enumerate(code.split("\n"), start=1) if text in line)
