"""Functions, macros and prototypes are found by their layout."""

from tdxreview.cfront.ir import Parameter
from tdxreview.cfront.masking import masked
from tdxreview.cfront.outline import functions, macros, prototypes, section_header


def outlined(text, section="", *, whole=True):
    return functions(text, masked(text), section, whole=whole)


def test_a_header_gives_name_type_parameters_and_words():
    text = (
        "static __always_inline u64 call(sc_func_t func, u64 fn,\n"
        "\t\tstruct tdx_module_args *args, void (*done)(int), u16 sizes[])\n{\n\treturn 0;\n}\n"
    )

    (found,) = outlined(text)

    assert found.header.name == "call"
    assert found.header.type == "u64"
    assert found.header.parameters == (
        Parameter("sc_func_t", "func"),
        Parameter("u64", "fn"),
        Parameter("struct tdx_module_args *", "args"),
        Parameter("void (*)()", "done"),
        Parameter("u16 *", "sizes"),
    )
    assert {"static", "__always_inline"} <= found.header.words


def test_structs_and_initialisers_are_no_functions():
    text = "struct a {\n\tint b;\n};\nstatic struct ops o = {\n\t.f = g,\n};\nint f(void)\n{\n}\n"

    assert [found.header.name for found in outlined(text)] == ["f"]


def test_stubs_on_one_line_are_functions():
    text = (
        "static inline void a(void) { }\nstatic inline int b(void)  { return -ENODEV; }\nint c;\n"
    )

    assert [found.header.name for found in outlined(text)] == ["a", "b"]


def test_a_hunk_from_the_middle_is_a_function_without_head_and_tail():
    text = "\tif (ret)\n\t\treturn ret;\n"

    (found,) = outlined(text, "int tdx_cpu_enable(void)", whole=False)

    assert (found.header.name, found.header.type) == ("tdx_cpu_enable", "int")
    assert (found.head, found.tail) == (False, False)


def test_a_hunk_across_two_functions_gives_the_end_of_one_and_the_start_of_the_next():
    text = "\treturn 0;\n}\n\nint next(void)\n{\n\tint a;\n"

    first, second = outlined(text, "int one(int a,", whole=False)

    assert (first.header.name, first.head, first.tail) == ("one", False, True)
    assert (second.header.name, second.head, second.tail) == ("next", True, False)


def test_a_hunk_between_functions_belongs_to_none():
    text = "\nint next(void)\n{\n\treturn 0;\n}\n"

    assert [found.header.name for found in outlined(text, "int one(void)", whole=False)] == ["next"]


def test_a_section_cut_short_gives_the_parameters_that_are_whole():
    header = section_header("static u64 sc_retry(sc_func_t func, u64 fn, struct tdx_modu")

    assert header.parameters == (Parameter("sc_func_t", "func"), Parameter("u64", "fn"))


def test_macros_are_found_with_their_continuation_lines():
    text = "#define A 1\n#define f(x, y)\t\\\n\tg(x)\nint b;\n#define EMPTY()\n"

    found = macros(text)

    assert [(each.name, each.parameters) for each in found] == [
        ("A", None),
        ("f", ("x", "y")),
        ("EMPTY", ()),
    ]
    assert text[found[1].body : found[1].end].strip("\t\\\n") == "g(x)"


def test_prototypes_are_found_and_calls_are_not():
    text = "u64 __seamcall(u64 fn, struct tdx_module_args *args);\nint f(void)\n{\n\tg(1);\n}\n"

    assert [(each.name, each.type) for each in prototypes(masked(text))] == [("__seamcall", "u64")]
