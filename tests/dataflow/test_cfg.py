"""Every path of a function is in its graph, and no other."""

from tdxreview.cfront import ir
from tdxreview.dataflow.actions import Cleanup, Mark
from tdxreview.dataflow.actions import Test as Condition
from tdxreview.dataflow.cfg import BEYOND, EXIT, flow
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text


def graph(code):
    text = "int f(void)\n{\n" + code + "\n}\n"
    return flow(unit(image_of_text("a.c", text)).functions[0].body)


def told(action):
    match action:
        case ir.Evaluate(value=ir.Call() as call):
            return call.name or f"{call.function.name}()"
        case ir.Return():
            return "return"
        case Cleanup():
            return "cleanup"
        case _:
            return ""


def paths(code, limit=12):
    """Give the calls, cleanups and returns of every way from the entry to an end."""
    found, own = set(), graph(code)
    todo = [(own.entry, (), ())]
    while todo:
        index, names, seen = todo.pop()
        point = own.points[index]
        name = told(point.action)
        names = (*names, name) if name else names
        if index in {EXIT, BEYOND} or not point.edges:
            found.add(" ".join(names))
            continue
        todo += [
            (edge.target, names, (*seen, edge.target))
            for edge in point.edges
            if seen.count(edge.target) < 2 and len(seen) < 10 * limit
        ]
    return found


def test_a_branch_has_two_ways():
    assert paths("\tif (x)\n\t\ta();\n\telse\n\t\tb();\n\tc();") == {"a c", "b c"}


def test_and_and_or_are_branches():
    tests = [
        point.action.value.id
        for point in graph("\tif (x && !(y || z))\n\t\ta();").points
        if isinstance(point.action, Condition)
    ]

    assert sorted(tests) == ["x", "y", "z"]


def test_an_early_return_and_a_goto_leave():
    code = "\tif (x)\n\t\tgoto out;\n\tif (y)\n\t\treturn 1;\n\ta();\nout:\n\tb();\n\treturn 0;"

    assert paths(code) == {"b return", "return", "a b return"}


def test_cases_fall_through():
    code = "\tswitch (x) {\n\tcase 1:\n\t\ta();\n\tcase 2:\n\t\tb();\n\t\tbreak;\n\t}\n\tc();"

    assert paths(code) == {"a b c", "b c", "c"}


def test_a_default_leaves_no_way_around():
    code = "\tswitch (x) {\n\tcase 1:\n\t\ta();\n\t\tbreak;\n\tdefault:\n\t\tb();\n\t}"

    assert paths(code) == {"a", "b"}


def test_a_do_loop_runs_once_at_least():
    assert paths("\tdo {\n\t\ta();\n\t} while (x);") == {"a", "a a"}


def test_break_and_continue_know_their_loop():
    code = "\twhile (x) {\n\t\tif (y)\n\t\t\tbreak;\n\t\tif (z)\n\t\t\tcontinue;\n"
    code += "\t\ta();\n\t}\n\tb();"

    assert "b" in paths(code)
    assert "a b" in paths(code)


def test_an_endless_loop_has_no_way_past_it():
    assert not any("b" in path for path in paths("\tfor (;;)\n\t\ta();\n\tb();"))


def test_panic_ends_its_path():
    assert paths('\tif (x)\n\t\tpanic("x");\n\ta();') == {"panic", "a"}


def test_a_guard_is_released_on_every_way_out():
    code = "\tguard(mutex)(&lock);\n\tif (x)\n\t\treturn 1;\n\ta();"

    assert paths(code) == {"guard() return cleanup", "guard() a cleanup"}


def test_a_scoped_guard_ends_with_its_block():
    code = "\tscoped_guard(mutex, &lock) {\n\t\tif (x)\n\t\t\treturn 1;\n\t\ta();\n\t}\n\tb();"

    assert paths(code) == {"return cleanup", "a cleanup b"}


def test_leaving_a_loop_releases_what_was_taken_in_it():
    code = "\twhile (x) {\n\t\tguard(mutex)(&lock);\n\t\tbreak;\n\t}\n\ta();"

    assert "guard() cleanup a" in paths(code)


def test_both_sides_of_a_conditional_compilation_are_possible():
    code = "\tz();\n#ifdef CONFIG_X\n\ta();\n#else\n\tb();\n#endif\n\tc();"

    assert paths(code) == {"z a c", "z b c"}


def test_what_follows_a_cut_off_function_is_unknown():
    text = "int f(void)\n{\n\ta();\n"
    function = unit(image_of_text("a.c", text)).functions[0]

    own = flow(function.body)
    last = next(point for point in own.points if told(point.action) == "a")

    assert not function.text.tail
    assert own.points[last.edges[0].target].action is Mark.BEYOND
