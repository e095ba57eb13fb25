"""Kernel tests run on a real tree: `make kernel` brings one, TDXREVIEW_KERNEL names another."""

import os
from pathlib import Path

import pytest

BROUGHT = Path(__file__).parents[2] / "kernel"
BROUGHT_7 = BROUGHT.with_name("kernel-7")


def pytest_collection_modifyitems(items):
    for item in items:
        if {"kernel", "kernel_7"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.kernel)


@pytest.fixture(scope="session")
def kernel():
    """Give the folder of a Linux tree; skip where there is none."""
    tree = Path(os.environ.get("TDXREVIEW_KERNEL", BROUGHT))
    if not (tree / "arch/x86/virt/vmx/tdx").is_dir():
        pytest.skip(f"no kernel tree at {tree.name}/: run `make kernel`, or set TDXREVIEW_KERNEL")
    return tree


@pytest.fixture(scope="session")
def kernel_7():
    """Give the folder of a Linux 7.3 or later; skip where there is none."""
    tree = Path(os.environ.get("TDXREVIEW_KERNEL_7", BROUGHT_7))
    if not (tree / "arch/x86/virt/vmx/tdx").is_dir():
        pytest.skip(f"no Linux 7.3 at {tree.name}/: run `make kernel`, or set TDXREVIEW_KERNEL_7")
    return tree
