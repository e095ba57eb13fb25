"""Who uses what, by what a name means in each file."""

from tdxreview.program.callgraph import CallGraph
from tdxreview.program.symbols import Symbols
from tdxreview.program.unit import unit
from tdxreview.source.text import image_of_text


def graph(**files):
    images = [image_of_text(name.replace("_", "."), code) for name, code in files.items()]
    return CallGraph(Symbols(map(unit, images)))


def function(name, body, words=""):
    return f"{words}int {name}(int x)\n{{\n\t{body}\n}}\n"


def named(functions):
    return [(each.path, each.name) for each in functions]


TWO = {
    "a_c": function("low", "return go(x);", "static ") + function("up", "return low(x);"),
    "b_c": function("low", "return x;", "static ") + function("top", "return low(x);"),
}


def test_callers_are_those_that_mean_this_function():
    own = graph(**TWO)

    assert named(own.callers(own.symbols.function("low", "a.c"))) == [("a.c", "up")]
    assert named(own.callers(own.symbols.function("low", "b.c"))) == [("b.c", "top")]


def test_what_leads_somewhere_leads_there_by_its_own_functions():
    found = graph(**TWO).leading_to(["go"])

    assert sorted(key[:2] for key in found.keys) == [("a.c", "low"), ("a.c", "up")]


def test_a_macro_leads_to_what_its_user_means():
    own = graph(
        a_h="#define run(x) low(x)\n",
        a_c=function("low", "return go(x);", "static ") + function("up", "return run(x);"),
        b_c=function("low", "return x;", "static ") + function("top", "return run(x);"),
    )

    assert named(own.callers(own.symbols.function("low", "a.c"))) == [("a.c", "up")]
    assert named(own.targets("run", "b.c")) == [("b.c", "low")]


def test_a_function_that_calls_itself_is_no_caller_of_its_own():
    own = graph(a_c=function("low", "return low(x);"))

    assert named(own.callers(own.symbols.function("low", "a.c"))) == []


def test_who_calls_twice_is_one_caller():
    own = graph(
        a_h="#define run(x) low(x)\n",
        a_c=function("low", "return x;") + function("up", "return run(x) + low(x);"),
    )

    assert named(own.callers(own.symbols.function("low", "a.c"))) == [("a.c", "up")]


def test_what_is_given_runs_if_it_is_called_there():
    own = graph(a_c="int each(int (*f)(int), int x)\n{\n\treturn f(x);\n}\n")

    assert own.runs("each", 0, "a.c")
    assert not own.runs("each", 1, "a.c")
