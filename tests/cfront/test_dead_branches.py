"""What `#if 0` hides is no code; what hangs on a name may be."""

import pytest

from tdxreview.cfront.dead_branches import dead_branches, truth
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (" 0", False),
        (" 0 /* for later */", False),
        (" 1", True),
        (" !1", False),
        (" (0)", False),
        (" 0x0UL", False),
        (" 0x10", True),
        (" 0 && defined(CONFIG_X)", False),
        (" defined(CONFIG_X) || 1", True),
        (" defined(CONFIG_X)", None),
        (" CONFIG_X > 0", None),
        (" 1 && defined(CONFIG_X)", None),
        (" 0 && A || B", None),
        (" f(0) && 0", None),
    ],
)
def test_a_condition_without_names_is_decided(condition, expected):
    """What hangs on a name is for the configuration to say."""
    assert truth(condition) is expected


@pytest.mark.parametrize(
    ("lines", "dead"),
    [
        ("#if 0|a|#endif", [(0, 2)]),
        ("#if 0|a|#else|b|#endif", [(0, 2)]),
        ("#if 1|a|#else|b|#endif", [(2, 4)]),
        ("#if A|a|#elif 0|b|#else|c|#endif", [(2, 4)]),
        ("#if A|a|#elif 1|b|#else|c|#endif", [(4, 6)]),
        ("#ifdef A|#if 0|a|#endif|#endif", [(1, 3)]),
        ("#if 0|a", []),
        ("a|#endif", []),
    ],
)
def test_branches_are_dead_up_to_the_next_directive(lines, dead):
    """An end that a hunk has cut off leaves the branch in doubt."""
    assert list(dead_branches(enumerate(lines.split("|")))) == dead


def test_a_call_in_a_dead_branch_is_no_call():
    """Neither at file level nor in a body, where `#if` would part the path."""
    body = "int f(void)\n{\n#if 0\n\ta();\n#else\n\tb();\n#endif\n}\n"
    text = f"{body}#if 0\nint g(void)\n{{\n}}\n#endif\n"
    functions = unit(image_of_text("a.c", text)).functions

    assert [(each.name, [call.name for call in each.calls]) for each in functions] == [("f", ["b"])]
