import pytest

from tdxreview.source.file_kinds import is_assembly, is_read, may_hold_code


@pytest.mark.parametrize(
    "path",
    [
        *(
            "a.c",
            "a.h",
            "a.S",
            "a.s",
            "a.inc",
            "a.S.in",
            "a.h.in",
            "a.cc",
            "a.cpp",
            "a.hpp",
            "a.rs",
        ),
        *("vmlinux.lds.S", "a.c_shipped", "a.S_shipped", "noname", "drivers/x/Makefile.c", "a.o"),
    ],
)
def test_code_has_many_names(path):
    assert may_hold_code(path)


@pytest.mark.parametrize(
    "path",
    [
        "a.rst",
        "a/Makefile",
        "arch/x86/Kconfig.debug",
        "a.py",
        "b/.gitignore",
        "x_defconfig",
        "a.PNG",
    ],
)
def test_texts_scripts_and_build_files_are_no_code(path):
    assert not may_hold_code(path)


def test_the_analysis_reads_c_assembly_and_what_has_no_name():
    names = ("", "a.c", "a.h", "a.S", "a.s", "a.S.in", "a.inc", "a.cc", "a.rs", "a.h.in")

    assert [name for name in names if is_read(name)] == [*names[:7]]
    assert [name for name in names if is_assembly(name)] == [*names[3:7]]


def test_programs_beside_the_kernel_are_neither_read_nor_its_code():
    path = "tools/testing/selftests/own/seamcall.S"

    assert (is_read(path), may_hold_code(path)) == (False, False)
    assert (is_read(f"arch/x86/{path}"), may_hold_code(f"arch/x86/{path}")) == (True, True)
