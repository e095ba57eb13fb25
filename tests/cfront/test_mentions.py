"""Where C speaks of a name, by its tokens."""

from time import process_time

import pytest

from tdxreview.cfront.mentions import Form, mentions

NAMES = {"sc", "sc_ret"}


def found(text):
    return [(each.name, each.form.value, each.line) for each in mentions(text, NAMES)]


@pytest.mark.parametrize(
    ("code", "form"),
    [
        ("r = sc(1, &a);", "call"),
        ("return sc /* why */ (1);", "call"),
        ("return sc // why\n(1);", "call"),
        ("return s\\\nc(1);", "call"),
        ("return s??/\nc(1);", "call"),
        ("return \\u0073c(1);", "call"),
        ("return (sc)(1);", "value"),
        ("return (*sc)(1);", "value"),
        ("fp = &sc;", "value"),
        ("run(sc, 1);", "value"),
        ("return x ? sc_ret : y;", "value"),
        ('asm volatile("call sc" : : );', "text"),
        ('asm volatile goto("jmp sc" : : : : out);', "text"),
        ('u64 f(u64) __attribute__((alias("sc")));', "text"),
        ('u64 f(u64) asm("sc");', "text"),
    ],
)
def test_a_use_is_told_by_its_form(code, form):
    assert [each[1] for each in found(f"void g(void)\n{{\n\t{code}\n}}\n")] == [form]


@pytest.mark.parametrize(
    "code",
    [
        "/* sc(1) */",
        "// sc(1) \\\nsc(2)",
        'pr_err("sc(1)");',
        "r = sizeof(sc(1));",
        "typeof(sc(1)) r;",
        "extern typeof(sc) other;",
        "ops->sc(1);",
        "ops.sc = other;",
        "struct ops o = { .sc = other };",
        "sc: other();",
        "#define M sc(1)",
        "#undef sc",
        "EXPORT_SYMBOL_GPL(sc);",
        "struct ops { u64 (*sc)(u64); };",
        "int sc, other;",
    ],
)
def test_what_is_no_use_is_left_out(code):
    assert found(f"void g(void)\n{{\n\t{code}\n}}\n") == []


@pytest.mark.parametrize(
    "code", ["u64 sc(u64 fn);", "u64 sc(u64 fn)\n{\n}", "static u64\nsc(int);"]
)
def test_a_declaration_is_no_use(code):
    assert found(f"{code}\n") == []


def test_an_initialiser_of_the_file_is_a_use():
    assert found("static u64 r = sc(1);\nRUN(sc(2));\n") == [("sc", "call", 1), ("sc", "call", 2)]


def test_lines_are_those_of_the_file():
    text = "int a = \\\n\\\n1;\n/* a\n b */\nint b = sc(1) + s\\\nc(2) +\nsc(3);\n"

    assert [line for _, _, line in found(text)] == [6, 6, 8]


def test_a_mention_knows_what_is_around_it():
    code = "void g(void)\n{\n\tu64 (*fp)(u64) = run(1, sc);\n\tx = sc_ret(h(1), 2);\n}\n"
    first, second = mentions(code, NAMES, {"sc_ret"})

    assert (first.inside, first.target, first.arguments) == ("run", "fp", "")
    assert (second.inside, second.target, second.arguments) == ("", "x", "h(1), 2")


def test_a_bracket_that_never_closes_hides_nothing_below_its_statement():
    assert found("EXPORT_SYMBOL(sc;\nvoid g(void)\n{\n\tsc(1);\n}\n") == [("sc", "call", 4)]


def test_forms_are_three():
    assert [form.value for form in Form] == ["call", "value", "text"]


@pytest.mark.parametrize("text", ["sc(" * 20_000, "(" * 60_000, "\\\n" * 30_000, "#/*" * 20_000])
def test_hostile_text_takes_linear_time(text):
    start = process_time()
    sum(1 for _ in mentions(text, NAMES, NAMES))

    assert process_time() - start < 20
