import pytest

from tdxreview.cache import Identity
from tdxreview.dataflow.protocol import Protocol
from tdxreview.explain.call_chains import MOST_ROUTES, Routes
from tdxreview.program.callgraph import callgraph_of
from tdxreview.program.unit import unit
from tdxreview.rules.compiled import load_compiled
from tdxreview.source.text import image_of_text
from tdxreview.store import NOWHERE


@pytest.fixture(scope="module")
def points():
    return Protocol.of(load_compiled((), NOWHERE)[1]).points


@pytest.fixture
def ways_to(points):
    """Give the ways to a function: how the first one is entered, and who calls whom."""

    def ways_to(name, code):
        image = image_of_text("a.c", code)
        own = unit(image)
        (function,) = [each for each in own.functions if each.name == name]
        return [
            (
                route.entered.entry.name if route.entered else None,
                [(hop.caller.name, hop.by) for hop in route.hops],
            )
            for route in Routes([image], callgraph_of(Identity([own])), points).to(function)
        ]

    return ways_to


def test_a_function_nobody_calls_is_its_own_way(ways_to):
    assert ways_to("lower", "int lower(void)\n{\n\treturn 0;\n}\n") == [(None, [])]


def test_a_way_begins_where_the_kernel_starts_it(ways_to):
    code = "int lower(void)\n{\n}\nint upper(void)\n{\n\treturn lower();\n}\nmodule_init(upper);\n"

    assert ways_to("lower", code) == [("module load", [("upper", "")])]


def test_a_function_handed_over_is_reached_through_who_runs_it(ways_to):
    code = "void lower(void *p)\n{\n}\nvoid upper(void)\n{\n\ton_each_cpu(lower, NULL, 1);\n}\n"

    assert ways_to("lower", code) == [(None, [("upper", "on_each_cpu")])]


def test_a_macro_stands_for_the_call_in_it(ways_to):
    code = (
        "#define wrap(x)\tlower(x)\nvoid lower(int x)\n{\n}\nvoid upper(void)\n{\n\twrap(1);\n}\n"
    )

    assert ways_to("lower", code) == [(None, [("upper", "")])]


def test_functions_that_all_call_each_other_come_to_an_end(ways_to):
    names = [f"f{number}" for number in range(11)]
    calls = "".join(f"\t{name}();\n" for name in names)
    code = "".join(f"void {name}(void)\n{{\n{calls}}}\n" for name in names)

    assert len(ways_to("f0", code)) == MOST_ROUTES


def test_a_function_whose_address_is_printed_is_not_reached_from_there(ways_to):
    code = 'void lower(void)\n{\n}\nvoid upper(void)\n{\n\tpr_info("%ps", lower);\n}\n'

    assert ways_to("lower", code) == [(None, [])]
