"""What a series is put on: how reports name it."""

import pytest

from tdxreview.review.ground import Ground, told_of
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.text import image_of_text
from tdxreview.source.tree import Base

HOST_CODE = {"a.c": image_of_text("a.c", "int tdx;\n")}


@pytest.mark.parametrize(
    ("files", "around", "odd"),
    [
        ((), {}, "; it does not look like a kernel tree"),
        (("src/a.c", "README"), {}, "; it does not look like a kernel tree"),
        (("MAINTAINERS",), {}, ""),
        (("arch/x86/Kconfig",), {}, ""),
        ((), HOST_CODE, ""),
    ],
    ids=["empty", "another project", "kernel", "part of a kernel", "host code"],
)
def test_a_tree_that_is_no_kernel_is_said_to_be_none(tmp_path, files, around, odd):
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text\n")
    base = Base(DirectoryTree(tmp_path), "a plain directory")

    assert told_of(base, Ground(iter(()), around))[1] == f"a plain directory{odd}"
