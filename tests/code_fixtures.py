"""Fixtures that take code and give what the analysis says of it; each conftest names its own."""

import pytest

from tdxreview.facts.collect_c import gather_c
from tdxreview.facts.vmx.check import Judge
from tdxreview.program.unit import unit
from tdxreview.source.model import Fragment, Image, KnownLine
from tdxreview.source.text import image_of_text
from tests.facts.c_facts import abi as bundled_abi


@pytest.fixture(scope="session")
def abi():
    return bundled_abi()


@pytest.fixture
def gathered(abi):
    """Give all facts of one file."""

    def gathered(code, path="arch/x86/virt/vmx/tdx/made_up.c"):
        return gather_c([image_of_text(path, code)], abi)

    return gathered


@pytest.fixture
def subjects(gathered):
    """Give the subjects of one kind in one file."""

    def subjects(kind, code):
        return [each for each in gathered(code).subjects if isinstance(each, kind)]

    return subjects


@pytest.fixture
def judge(abi):
    """Give the judge of one file or of several, by path."""

    def judge(code, **others):
        files = {"a.c": code} | {f"{name}.c": text for name, text in others.items()}
        images = [image_of_text(path, text) for path, text in files.items()]
        return Judge(images, [unit(image) for image in images], abi)

    return judge


@pytest.fixture
def vmx_at(judge):
    """Give what is known of VMX at each call that was followed: (line, callee, vmx)."""

    def vmx_at(code, **others):
        return [
            (call.function.place(call.span).line, call.callee, str(call.vmx))
            for call in judge(code, **others).calls()
        ]

    return vmx_at


@pytest.fixture
def hunk():
    """Give an image of some lines from the middle of a file."""

    def hunk(code, section=""):
        lines = tuple(KnownLine(line, None, None) for line in code.split("\n"))
        fragment = Fragment(start=100, known=lines, section=section)
        return Image(path="a.c", whole=False, fragments=(fragment,))

    return hunk
