"""Constants are evaluated with C's own types."""

import pytest

from tdxreview.cfront.ctypes import BOOL, INT, LONG, U64, UINT, CType, ctype
from tdxreview.cfront.fold import NO_NAMES, evaluate
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text


def value(text):
    macro = unit(image_of_text("a.h", f"#define A {text}\n")).macros[0]
    return evaluate(macro.body.block.body[0].value, NO_NAMES)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0x8000020300000000ULL", 0x8000020300000000),
        ("_BITUL(63)", 1 << 63),
        ("BIT_ULL(62)", 1 << 62),
        ("GENMASK_ULL(47, 40)", 0xFF << 40),
        ("GENMASK_ULL(40, 47)", 0),
        ("(_BITUL(63) | GENMASK_ULL(47, 40))", 0x8000FF0000000000),
        ("_UL(0xFFFF0000)", 0xFFFF0000),
        ("_AC(5, UL)", 5),
        ("(~0xFFFFFFFFULL)", 0xFFFFFFFF00000000),
        ("((u64)0xFF << 40)", 0xFF << 40),
        ("(u32)-1", 0xFFFFFFFF),
        ("X86_TRAP_GP", 13),
        ("(1 ? 2 : 3)", 2),
        ("017", 15),
        ("7 / 2", 3),
    ],
)
def test_the_kernels_spellings_have_their_value(text, number):
    assert value(text).as_u64 == number
    assert not value(text).overflow


@pytest.mark.parametrize("text", ["(1 << 63)", "(1 << 31)", "BIT(64)"])
def test_what_does_not_fit_into_its_type_is_told(text):
    assert value(text).overflow


def test_an_int_is_extended_by_its_sign():
    assert value("-1").as_u64 == 0xFFFFFFFFFFFFFFFF
    assert value("0xFFFFFFFF").as_u64 == 0xFFFFFFFF


@pytest.mark.parametrize("text", ["foo(1)", "1 / 0", "UNKNOWN_NAME", '"text"'])
def test_what_is_no_constant_has_no_value(text):
    assert value(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("u64", U64),
        ("unsigned long long", U64),
        ("const unsigned int", UINT),
        ("int", INT),
        ("s64", LONG),
        ("bool", BOOL),
        ("uint16_t", CType(16, signed=False)),
        ("__u64", U64),
        ("enum pg_level", UINT),
        ("struct kvm", None),
        ("u64 *", None),
    ],
)
def test_a_types_text_gives_its_width_and_sign(text, kind):
    assert ctype(text) == kind
