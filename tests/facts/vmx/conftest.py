from pathlib import Path

import pytest

from tdxreview.facts.unit import unit
from tdxreview.facts.vmx.judge import Judge
from tdxreview.rules.abi_loader import load_abi
from tdxreview.source.model import Fragment, Image, KnownLine
from tdxreview.source.text import image_of_text

RULES = Path(__file__).parents[3] / "rules"


@pytest.fixture(scope="session")
def abi():
    return load_abi(RULES)


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
