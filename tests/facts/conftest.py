from pathlib import Path

import pytest

from tdxreview.facts.c_unit import gather_c
from tdxreview.rules.abi_loader import load_abi
from tdxreview.source.text import image_of_text

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(scope="session")
def tdx_abi():
    return load_abi(RULES)


@pytest.fixture
def gathered(tdx_abi):
    """Give all facts of one file."""

    def gathered(code, path="arch/x86/virt/vmx/tdx/made_up.c"):
        return gather_c([image_of_text(path, code)], tdx_abi)

    return gathered


@pytest.fixture
def subjects(gathered):
    """Give the subjects of one kind in one file."""

    def subjects(kind, code):
        return [each for each in gathered(code).subjects if isinstance(each, kind)]

    return subjects
