"""Constants are compared with the ABI."""

import pytest

from tdxreview.facts.status.schema import Collides, Encoding
from tests.facts.c_facts import subjects


def definition(code):
    return subjects("definition", code, "arch/x86/include/asm/tdx.h")[-1]


@pytest.mark.parametrize(
    ("code", "encoding"),
    [
        ("#define TDX_ERROR _BITUL(63)\n", Encoding.RIGHT),
        ("#define TDX_ERROR (1 << 63)\n", Encoding.OVERFLOW),
        ("#define TDX_ERROR BIT_ULL(62)\n", Encoding.WRONG),
        ("#define TDX_ERROR SOMETHING\n", Encoding.UNKNOWN),
        ("#define TDX_SEAMCALL_MINE 0x8000FF0000000001ULL\n", Encoding.NOT_LISTED),
    ],
)
def test_a_value_is_compared_with_the_names(code, encoding):
    assert definition(code).encoding is encoding


@pytest.mark.parametrize(
    ("code", "encoding"),
    [
        ("#define TDX_TD_FATAL 0xC000060400000000ULL\n", Encoding.NOT_LISTED),
        ("#define TDX_TD_FATAL 0xE000060500000000ULL\n", Encoding.WRONG),
        ("#define TDX_TD_NON_DEBUG 0xE000060500000000ULL\n", Encoding.WRONG),
        ("#define TDX_SEAMCALL_VMFAILINVALID 0xFFFFFFFFFFFFFFFFULL\n", Encoding.NOT_LISTED),
        ("#define TDX_SEAMCALL_VMFAILINVALID 0xFFFFFF0000000000ULL\n", Encoding.NOT_LISTED),
        ("#define TDX_SEAMCALL_VMFAILINVALID 0x8000FF00FFFF000ULL\n", Encoding.WRONG),
        ("#define TDX_SEAMCALL_VMFAILINVALID 0xFFFF0000ULL\n", Encoding.WRONG),
        ("#define TDX_SEAMCALL_VMFAILINVALID 0x8000FE00FFFF0000ULL\n", Encoding.WRONG),
        ("#define TDX_SEAMCALL_VMFAILINVALID 0xFFFFFFFFFFFF0000ULL\n", Encoding.WRONG),
    ],
)
def test_what_another_generation_may_have_had_is_no_mistake(code, encoding):
    """The module's drafts had no FATAL bit; Linux's class was its own before TDX_SW_ERROR."""
    assert definition(code).encoding is encoding


def test_a_value_is_computed_through_other_definitions():
    code = (
        "#define TDX_ERROR (1ULL << 63)\n#define TDX_SW_ERROR (TDX_ERROR | GENMASK_ULL(47, 41))\n"
    )

    found = definition(code)

    assert (found.name, found.value) == ("TDX_SW_ERROR", "0x8000fe0000000000")
    assert found.right_value == "0x8000ff0000000000"
    assert found.place.line == 2


@pytest.mark.parametrize(
    ("value", "collides"),
    [
        ("(TDX_SW_ERROR | 1)", Collides.NO),
        ("(TDX_SW_ERROR | X86_TRAP_UD)", Collides.SAME_VALUE),
        ("0x8000FE0000000001ULL", Collides.OUTSIDE_CLASS),
        ("10000", Collides.NO),
    ],
)
def test_a_software_code_keeps_to_its_class(value, collides):
    assert definition(f"#define TDX_SEAMCALL_MINE {value}\n").collides is collides


def test_other_constants_are_not_ours():
    assert subjects("definition", "#define TDX_PS_4K 0\n#define PT_NDA 0x0\n") == ()
