"""Functions that a call of a macro makes at file level."""

import pytest

from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text

BUILD = """\
#define BUILD(bits, low, up)					\\
static __always_inline u##bits low##_read##bits(struct v *v, u32 field)	\\
{								\\
	u64 err, data;						\\
								\\
	err = tdh_vp_rd(v, up##_FIELD(field), &data);		\\
	if (err) /* told */					\\
		failed(v, #up, err);				\\
	return (u##bits)data;					\\
}								\\
static inline void low##_write##bits(struct v *v)		\\
{								\\
	tdh_vp_wr(v, 0, 0);					\\
}
"""


@pytest.fixture
def functions():
    """Give the functions of a header."""

    def functions(code):
        return unit(image_of_text("a.h", code)).functions

    return functions


def test_each_call_makes_its_own_on_its_line(functions):
    found = functions(f"{BUILD}\nBUILD(16, vmcs, VMCS);\nBUILD(8, management, MANAGEMENT);\n")

    assert [(each.name, each.type, each.line, each.made) for each in found] == [
        ("vmcs_read16", "u16", 16, True),
        ("vmcs_write16", "void", 16, True),
        ("management_read8", "u8", 17, True),
        ("management_write8", "void", 17, True),
    ]


def test_what_it_calls_is_written_out(functions):
    found = functions(f"{BUILD}BUILD(16, vmcs, VMCS)\n")

    assert [call.name for call in found[0].calls] == ["tdh_vp_rd", "VMCS_FIELD", "failed"]
    assert [each.name for each in found[0].parameters] == ["v", "field"]
    assert not found[0].body.damaged


def test_all_of_it_stands_where_the_macro_is_called(functions):
    """The text that it is made of stands nowhere, so no column tells a part of it."""
    (function, _) = functions(f"{BUILD}BUILD(16, vmcs, VMCS);\n")

    place = function.place(function.calls[0].span)
    assert (place.path, place.line, place.end_line) == ("a.h", 15, 15)
    assert (place.column, place.end_column) == (0, 0)


def test_a_macro_that_another_calls_makes_its_functions(functions):
    outer = "#define PAIR(low, up) BUILD(8, low, up); BUILD(16, low, up)\n"
    found = functions(f"{BUILD}{outer}PAIR(vmcs, VMCS);\n")

    assert [each.name for each in found] == [
        "vmcs_read8",
        "vmcs_write8",
        "vmcs_read16",
        "vmcs_write16",
    ]
    assert {each.line for each in found} == {16}


def test_a_macro_without_pasting_makes_one_as_well(functions):
    code = "#define STUB(name) static int name(void) { return 0; }\nSTUB(first)\nSTUB(second)\n"

    assert [(each.name, each.line) for each in functions(code)] == [("first", 2), ("second", 3)]


@pytest.mark.parametrize(
    "code",
    [
        "#define INIT(x) { .a = x }\nINIT(1);\n",
        "#define WHEN(x) do { if (x) { y(); } } while (0)\nvoid f(void)\n{\n\tWHEN(1);\n}\n",
        "BUILD(16, vmcs, VMCS);\n",
        f"{BUILD}\nvoid f(void)\n{{\n\tBUILD(16, vmcs, VMCS);\n}}\n",
        f"{BUILD[:200]}\n\nBUILD(16, vmcs, VMCS);\n",
    ],
    ids=["initialiser", "statement", "macro out of view", "in a function", "macro cut off"],
)
def test_what_makes_no_function_makes_none(functions, code):
    assert [each.name for each in functions(code) if each.made] == []
