"""The enumerators of a text."""

import pytest

from tdxreview.program.enumerations import enumerations


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("enum step {\n\tSTEP_A,\n\tSTEP_B,\n};\n", (("STEP_A", "STEP_B"),)),
        ("enum { A = 0, B, };\n", (("A", "B"),)),
        ("typedef enum step { A /* first, of two */, B } step_t;\n", (("A", "B"),)),
        ("enum step {\n#ifdef X\n\tA,\n#endif\n\tB,\n};\n", (("A", "B"),)),
        ("enum step { A = 4, B };\n", ()),
        ("enum step f(void)\n{\n\treturn A;\n}\n", ()),
        ("enum step s;\nstruct x { int a; };\n", ()),
    ],
)
def test_what_counts_up_is_known_in_its_order(text, found):
    assert enumerations(text) == found
