"""The ways to a SEAMCALL are those that the verdict comes from."""

import pytest

from tdxreview.explain.vmx_paths import MOST_WAYS, count_ways, ways_to
from tdxreview.facts.vmx.schema import Vmx

LOW = "int low(void)\n{\n\treturn tdx_cpu_enable();\n}\nEXPORT_SYMBOL_GPL(low);\n"


def entry(name, number=""):
    name = f"{name}{number}"
    return f"static int {name}(void)\n{{\n\treturn low();\n}}\nearly_initcall({name});\n"


def call_in(function):
    """Give the place of the one call in a function."""
    (call,) = function.calls
    return function.place(call.span)


@pytest.fixture
def ways(judge):
    """Give the ways to the call in `low`."""

    def ways(**others):
        own = judge(LOW, **others)
        low = own.contracts.symbols.function("low", "a.c")
        return ways_to(own, low, call_in(low))

    return ways


def test_a_way_begins_at_an_entry_point_and_ends_at_the_place(ways):
    (way,) = ways(b=entry("boot"))

    assert (way.entry, way.vmx) == ("initcall", Vmx.OFF_ABOVE)
    assert [(step.path, step.line) for step in way.steps] == [("b.c", 5), ("b.c", 3), ("a.c", 3)]


def test_without_a_caller_the_way_begins_where_it_is_exported(ways):
    (way,) = ways()

    assert (way.entry, way.vmx) == ("exported, no caller in view", Vmx.CALLER)


def test_every_beginning_has_its_way_and_the_worst_comes_first(ways):
    on = "int vm(void)\n{\n\tif (kvm_enable_virtualization())\n\t\treturn 1;\n\treturn low();\n}\n"

    assert [(way.entry, way.vmx) for way in ways(b=on, c=entry("boot"))] == [
        ("initcall", Vmx.OFF_ABOVE),
        ("no caller in view", Vmx.ON),
    ]


def test_what_turns_vmx_on_is_a_step_of_the_way(ways):
    on = "int vm(void)\n{\n\tif (kvm_enable_virtualization())\n\t\treturn 1;\n\treturn low();\n}\n"
    (way,) = ways(b=on)

    assert (3, "kvm_enable_virtualization() turns VMX on, on all online CPUs") in [
        (step.line, step.text) for step in way.steps
    ]


def test_more_ways_than_can_be_told_are_counted(judge):
    many = "".join(entry("boot", n) for n in range(MOST_WAYS + 4))
    own = judge(LOW, b=many)
    low = own.contracts.symbols.function("low", "a.c")

    assert len(ways_to(own, low, call_in(low))) == MOST_WAYS
    assert count_ways(own, low, call_in(low)) == MOST_WAYS + 4


def test_the_verdict_is_the_worst_of_the_ways(judge):
    own = judge(LOW, b=entry("boot"), c="int other(void)\n{\n\treturn low();\n}\n")
    low = own.contracts.symbols.function("low", "a.c")

    assert own.uniform(low) is ways_to(own, low, call_in(low))[0].vmx


def test_a_ring_of_calls_gives_a_way_once(ways):
    ring = (
        "static int even(int n)\n{\n\treturn n ? odd(n - 1) : low();\n}\n"
        "static int odd(int n)\n{\n\treturn even(n - 1);\n}\n"
        "static int boot(void)\n{\n\treturn odd(3);\n}\nearly_initcall(boot);\n"
    )
    (way,) = ways(b=ring)

    assert [step.line for step in way.steps] == [13, 11, 7, 3, 3]
