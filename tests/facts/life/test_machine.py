"""State machines that every CPU goes through: the order of their steps, and on which CPUs."""

import pytest

from tdxreview.facts.life.schema import LifeStep, Needed

CODE = """\
enum step {{ {enum} }};

static int run(void *unused)
{{
	bool lead = !smp_processor_id();
	int ret = 0, step;

	do {{
		step = READ_ONCE(update.step);
		switch (step) {{
		case DOWN:
			{down}ret = seamcall_prerr(TDH_SYS_SHUTDOWN, &args);
			break;
		case INSTALL:
			{install}ret = seamcall_prerr(P_SEAMLDR_INSTALL, &args);
			break;
		case INIT:
			{init}ret = tdx_cpu_enable();
			break;
		case UPDATE:
			if (lead) ret = seamcall_prerr(TDH_SYS_UPDATE, &args);
			break;
		default:
			break;
		}}
		acked(ret);
	}} while (step != END && !ret);
	return ret;
}}
"""
RIGHT = "START, DOWN, INSTALL, INIT, UPDATE, END"
LINES = {"down": 12, "install": 15, "init": 18, "update": 21}


@pytest.fixture
def told(subjects):
    """Give the steps that lack something for sure, with what they need."""

    def told(enum=RIGHT, down="if (lead) ", install="", init="", code=CODE):
        text = code.format(enum=enum, down=down, install=install, init=init)
        bad = {Needed.LATER, Needed.UNDONE, Needed.ON_THIS_CPU}
        found = [each for each in subjects(LifeStep, text) if each.needed in bad]
        return [(each.place.line, each.needs, each.needed) for each in found]

    return told


@pytest.mark.parametrize(
    ("enum", "expected"),
    [
        (RIGHT, []),
        ("START, SETTLE, DOWN, INSTALL, INIT, UPDATE, END", []),
        (
            "START, INSTALL, DOWN, INIT, UPDATE, END",
            [(LINES["install"], "module-shut-down", Needed.LATER)],
        ),
        (
            "START, DOWN, INSTALL, UPDATE, INIT, END",
            [(LINES["update"], "lp-init", Needed.LATER)],
        ),
    ],
)
def test_steps_are_taken_as_the_enumerators_count_up(told, enum, expected):
    assert told(enum) == expected


def test_where_the_labels_stand_says_nothing(told):
    """An enum out of view: nobody knows the order."""
    assert told("START, DOWN, INSTALL, END") == []


@pytest.mark.parametrize(
    ("guards", "expected"),
    [
        ({"down": ""}, [(LINES["down"], "lp-init", Needed.UNDONE)]),
        ({"init": "if (lead) "}, [(LINES["update"], "lp-init", Needed.ON_THIS_CPU)]),
        ({"init": "if (!ret) "}, []),
        ({"down": "if (!ret && lead) "}, []),
        ({"down": "if (!smp_processor_id()) "}, []),
    ],
)
def test_each_step_is_taken_by_the_right_cpus(told, guards, expected):
    """Who shuts the module down twice fails; who initialises one CPU leaves the others."""
    assert told(**guards) == expected
