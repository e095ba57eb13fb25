"""Kernel tests run on a real tree: `make kernel` brings one, TDXREVIEW_KERNEL names another."""

import os
from pathlib import Path

import pytest

BROUGHT = Path(__file__).parents[2] / "kernel"


def pytest_collection_modifyitems(items):
    for item in items:
        if "kernel" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.kernel)


@pytest.fixture(scope="session")
def kernel():
    """Give the folder of a Linux tree; skip where there is none."""
    tree = Path(os.environ.get("TDXREVIEW_KERNEL", BROUGHT))
    if not (tree / "arch/x86/virt/vmx/tdx").is_dir():
        pytest.skip(f"no kernel tree at {tree.name}/: run `make kernel`, or set TDXREVIEW_KERNEL")
    return tree
