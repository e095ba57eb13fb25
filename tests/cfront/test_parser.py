"""C becomes nodes of our own; pieces of functions as well."""

import pytest

from tdxreview.cfront import ir
from tdxreview.cfront import parser as syntax
from tdxreview.program.unit import unit
from tdxreview.source.model import Fragment, Image, KnownLine
from tdxreview.source.text import image_of_text


def body(code):
    text = "int f(void)\n{\n" + code + "\n}\n"
    return unit(image_of_text("a.c", text)).functions[0].body


def piece(code, section="int f(void)"):
    known = tuple(KnownLine(line, None, None) for line in code.split("\n"))
    image = Image(
        path="a.c", whole=False, fragments=(Fragment(start=40, known=known, section=section),)
    )
    return unit(image).functions[0]


def expression(code):
    (statement,) = body(f"\t{code};").block.body
    return statement.value


def test_a_call_has_its_arguments_and_its_place():
    call = expression("seamcall(TDH_SYS_INIT, &args)")

    assert call.name == "seamcall"
    assert call.arguments[0].id == "TDH_SYS_INIT"
    assert (call.arguments[1].op, call.arguments[1].operand.id) == ("&", "args")
    assert call.span == ir.Span(2, 1, 2, 30)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("a = b", ir.Assign),
        ("a->b.c", ir.Member),
        ("a[1]", ir.Index),
        ("(u64)a", ir.Cast),
        ("a ? b : c", ir.Conditional),
        ("a ?: c", ir.Conditional),
        ("({ int x = 1; x; })", ir.StatementExpression),
        ("a && !b", ir.Binary),
        ("i++", ir.Unary),
        ('"a" PRIx64 "b"', ir.String),
        ("a = (struct s){ .x = 1 }", ir.Assign),
    ],
)
def test_each_kind_of_expression_has_its_node(code, kind):
    assert isinstance(expression(code), kind)
    assert body(f"\t{code};").damaged == 0


@pytest.mark.parametrize("code", ["(u32)-1", "(u64)(a)", "(u32)(a + b)", "(u64)*p"])
def test_a_cast_is_no_difference_and_no_call(code):
    assert isinstance(expression(code), ir.Cast)


def test_designators_name_the_members():
    (declared,) = body("\tstruct s a = { .rcx = 1, .x.y = 2, 3 };").block.body

    assert [item.field for item in declared.initial.items] == ["rcx", "x.y", ""]


def test_declarations_know_type_array_static_and_cleanup():
    declared = body("\tstatic u64 *a, b[2];\n\tstruct page *p __free(kfree) = q;\n").block.body

    assert [(each.name, each.type, each.array, each.static) for each in declared[:2]] == [
        ("a", "u64 *", False, True),
        ("b", "u64", True, True),
    ]
    assert declared[2].cleanup == "kfree"


def test_loop_and_guard_macros_have_their_names_back():
    loop, scope = body(
        "\tfor_each_online_cpu(cpu) {\n\t\ta();\n\t}\n\tscoped_guard(mutex, &lock) {\n\t\tb();\n\t}"
    ).block.body

    assert (type(loop), loop.name) == (ir.ForEach, "for_each_online_cpu")
    assert (type(scope), scope.name) == (ir.Scoped, "scoped_guard")
    assert [each.id for each in scope.arguments[:1]] == ["mutex"]


def test_a_range_of_cases_has_both_ends():
    (switch,) = body("\tswitch (a) {\n\tcase 1 ... 3:\n\t\tbreak;\n\t}").block.body
    case = switch.body.body[0]

    assert (case.value.text, case.last.text) == ("1", "3")


def test_lines_count_from_the_first_line_of_the_function():
    function = unit(image_of_text("a.c", "\n\nint f(void)\n{\n\tg();\n}\n")).functions[0]

    assert function.place(function.body.block.body[0].span).line == 5


@pytest.mark.parametrize(
    "code",
    [
        "\t\t      args->rdx);\n\tif (ret)\n\t\treturn ret;",
        "\t}\n\n\tret = seamcall(TDH_SYS_INIT, &args);",
        "\t\tbreak;\n\tcase TDX_SUCCESS:\n\t\tret = seamcall(TDH_SYS_INIT, &args);",
        "\t} else {\n\t\tret = seamcall(TDH_SYS_INIT, &args);",
        "\t\tret = seamcall(TDH_SYS_INIT, &args);\n\t} while (ret == TDX_RND_NO_ENTROPY);",
        "\tret = seamcall(TDH_SYS_INIT,",
        "\tif (ret &&",
    ],
)
def test_pieces_of_functions_are_read_without_damage(code):
    assert piece(code).body.damaged == 0


def test_a_statement_under_an_unseen_if_does_not_end_the_function():
    function = piece("\t\treturn -EIO;\n\n\tret = g();")

    assert isinstance(function.body.block.body[0], ir.If)


def test_a_piece_keeps_its_place_in_the_file():
    function = piece("\t}\n\n\tret = seamcall(TDH_SYS_INIT, &args);")
    (call,) = ir.calls(function.body.block)

    assert function.place(call.span).line == 42
    assert function.place(call.span).column == 7


def test_deep_nesting_is_not_followed_for_ever():
    assert body("\ta = " + "(" * 5000 + "1" + ")" * 5000 + ";").block.body


def calls_in(code):
    (found,) = unit(image_of_text("a.c", code)).functions
    return [(call.name, call.pointer) for call in found.calls]


def test_a_parameter_that_is_called_is_a_pointer_whatever_its_name():
    code = "int f(int (*low)(int), int x)\n{\n\treturn low(x) + other(x);\n}\n"

    assert calls_in(code) == [("", "low"), ("other", "")]


def test_a_local_variable_that_is_called_is_a_pointer():
    code = "int f(struct s *s)\n{\n\tint (*low)(int) = s->low;\n\n\treturn low(1);\n}\n"

    assert calls_in(code) == [("", "low")]


def test_a_prototype_in_a_body_is_no_variable():
    code = "int f(void)\n{\n\textern int low(int x);\n\n\treturn low(1);\n}\n"

    assert calls_in(code) == [("low", "")]


def test_what_a_macro_makes_a_string_of_is_a_string_in_its_place():
    text = '#define said(call) pr_err("%s: %llx\\n", #call, call)'
    (statement,) = syntax.macro_body(text, text.index("pr_err")).block.body

    assert isinstance(statement, ir.Evaluate)
    assert isinstance(statement.value, ir.Call)
    assert [type(each) for each in statement.value.arguments] == [ir.String, ir.String, ir.Name]
