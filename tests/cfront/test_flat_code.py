"""Hunks and files whose lines all begin at column 0: what is in a function, and what is not."""

import pytest

from tdxreview.cfront.outline_cache import outlined

SECTION = "static int open_vault(struct vault *vault)"


def cut(text, section=SECTION, *, whole=False):
    """Give each function found, with its text and whether both of its ends are there."""
    return [
        (each.header.name, text[each.start : each.end], each.head, each.tail)
        for each in outlined(text, section, whole=whole).functions
    ]


@pytest.mark.parametrize(
    "text",
    [
        "ret = 0;\nret = seamcall(LEAF, &args);\n",
        "}\nret = seamcall(LEAF, &args);\n",
        "struct tdx_module_args args = {};\nseamcall(LEAF, &args);\n",
        "int cpu;\nu64 err;\n\nfor (;;) {\nif (late)\nbreak;\n}\nerr = seamcall(LEAF, &args);\n",
        "goto out;\n}\nout:\nvault->err = seamcall(LEAF, &args);\n",
        "args.rcx |= BIT(3);\nreturn seamcall(LEAF, &args);\n",
        "case 3:\nseamcall(LEAF, &args);\nbreak;\n",
        "count++;\nseamcall(LEAF, &args);\n",
    ],
)
def test_statements_at_column_0_are_in_the_function_that_the_hunk_names(text):
    assert cut(text) == [("open_vault", text.rstrip("\n"), False, False)]


def test_the_function_that_ends_among_them_is_whole_at_its_end():
    text = "ret = seamcall(LEAF, &args);\nreturn ret;\n}\nstatic int later;\n"

    assert cut(text) == [("open_vault", text[: text.index("}")], False, True)]


def test_the_next_function_begins_behind_them():
    text = (
        "return seamcall(LEAF, &args);\n}\n\nint close(void)\n{\nreturn seamcall(LEAF, &args);\n}\n"
    )
    first, second = cut(text)

    assert (first[0], first[3], second[0], second[2:]) == (
        "open_vault",
        True,
        "close",
        (True, True),
    )


@pytest.mark.parametrize(
    "text",
    [
        "static int counter;\nEXPORT_SYMBOL_GPL(open_vault);\n",
        "module_init(open_all);\n",
        "early_initcall(open_all);\nstatic_assert(sizeof(x) == 8);\n",
        "static const struct ops ops = {\n\t.open = open_all,\n};\n",
        "int close(void);\nDEFINE_MUTEX(lock);\n",
        "enum vault_kind { OPEN, SHUT };\n",
    ],
)
def test_what_stands_outside_of_functions_is_in_none(text):
    assert cut(text) == []


def test_a_body_without_indentation_ends_at_its_own_brace():
    text = "int close(void)\n{\nif (late) {\nreturn 1;\n}\nreturn 0;\n}\nint x;\n"

    assert cut(text, "", whole=True) == [("close", text[: text.rindex("}") + 1], True, True)]


def test_an_indented_body_ends_at_the_brace_at_column_0_even_if_another_is_lost():
    text = (
        "int close(void)\n{\n\tif (late) {\n\t\treturn 1;\n}\nint open(void)\n{\n\treturn 0;\n}\n"
    )

    assert [name for name, *_ in cut(text, "", whole=True)] == ["close", "open"]
