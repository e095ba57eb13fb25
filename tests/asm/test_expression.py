import pytest

from tdxreview.asm.cpp_macros import Definitions
from tdxreview.asm.expression import evaluate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0x10", 16),
        ("010", 8),
        ("1ULL << 63", 1 << 63),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("-7 / 2", -3),
        ("~0 & 0xff", 0xFF),
        ("1 == 2 || 3 > 2 && !0", 1),
        ("(u64)5", 5),
        ("_BITUL(63) | GENMASK_ULL(47, 40)", 0x8000FF0000000000),
        ("TDX_SW_ERROR | X86_TRAP_GP", 0x8000FF000000000D),
    ],
)
def test_an_expression_has_the_value_that_c_gives_it(text, value):
    assert evaluate(text, Definitions()) == value


@pytest.mark.parametrize(
    "text", ["", "1 +", "(1", "NOBODY_KNOWS", "1 / 0", "1 << 1000", "1 2", "f(x)"]
)
def test_what_cannot_be_known_has_no_value(text):
    assert evaluate(text, Definitions()) is None


@pytest.mark.parametrize("text", ["(" * 5000, "1" + "+1" * 3000, "-" * 3000 + "1"])
def test_a_hostile_expression_has_no_value(text):
    assert evaluate(text, Definitions()) is None


def test_a_define_of_the_code_goes_over_what_linux_has():
    definitions = Definitions()
    definitions.define("TDX_SW_ERROR (1UL << 62)")

    assert definitions.value("TDX_SW_ERROR") == 1 << 62


def test_macros_that_name_each_other_have_no_value():
    definitions = Definitions()
    definitions.define("ONE TWO")
    definitions.define("TWO ONE")

    assert definitions.value("ONE") is None


def test_macros_that_double_each_other_end():
    definitions = Definitions()
    definitions.define("M0(x) x x")
    for number in range(1, 60):
        definitions.define(f"M{number}(x) M{number - 1}(x) M{number - 1}(x)")

    assert len(definitions.expand("M59(nop)")) < 100_000
