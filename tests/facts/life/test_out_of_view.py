"""A step that somebody out of view may have taken is neither left out nor too late."""

import pytest

from tdxreview.facts.life.needed import comes_to
from tdxreview.facts.life.schema import Done, LifeStep, OptionalUse, Order

START = """static int start(void)
{{
	struct tdx_module_args args = {{}};
	int ret = seamcall_prerr(TDH_SYS_INIT, &args);

	if (ret)
		return ret;
	{between}
	return seamcall_prerr_ret(TDH_SYS_RD, &args);
}}
"""
RESTART = """static int stop(void)
{{
	struct tdx_module_args args = {{}};

	return seamcall_prerr(TDH_SYS_SHUTDOWN, &args);
}}

int exchange(struct image *image)
{{
	struct tdx_module_args args = {{}};
	int ret;

	ret = stop();
	if (ret)
		return ret;
	{between}
	return seamcall_prerr_ret(TDH_SYS_RD, &args);
}}
"""
OUT_OF_VIEW = [
    "on_each_cpu(ready_this_cpu, NULL, 1);",
    "for_each_online_cpu(cpu)\n\t\tsmp_call_on_cpu(cpu, ready_this_cpu, NULL, true);",
    "cpus_ready();",
    "if (bring_all(image))\n\t\treturn -EIO;",
    "schedule_on_each_cpu(ready_work);",
]
IN_VIEW = [
    "",
    "wbinvd_on_all_cpus();",
    'pr_info("started\\n");',
    "mutex_lock(&lock);",
    "cpu_relax();",
]


@pytest.fixture
def order(subjects):
    """Give how the last call of a leaf of a code stands to what it needs."""

    def order(code):
        return [comes_to(each) for each in subjects(LifeStep, code) if each.leaf == "TDH.SYS.RD"][
            -1
        ]

    return order


@pytest.mark.parametrize("between", OUT_OF_VIEW)
def test_whoever_is_out_of_view_may_have_readied_the_cpu(order, between):
    assert order(START.format(between=between)) is Order.UNKNOWN


@pytest.mark.parametrize("between", IN_VIEW)
def test_the_kernels_own_calls_ready_no_cpu(order, between):
    assert order(START.format(between=between)) is Order.SKIPPED


@pytest.mark.parametrize("between", OUT_OF_VIEW)
def test_whoever_is_out_of_view_may_have_started_the_module_again(order, between):
    assert order(RESTART.format(between=between)) is Order.UNKNOWN


@pytest.mark.parametrize("between", IN_VIEW)
def test_the_kernels_own_calls_start_no_module(order, between):
    assert order(RESTART.format(between=between)) is Order.AFTER_SHUTDOWN


def test_what_is_done_after_a_shutdown_is_another_life(subjects):
    code = RESTART.format(between="ret = seamcall_prerr_ret(TDH_SYS_TDMR_INIT, &args);")

    (found,) = (each for each in subjects(LifeStep, code) if each.callee == "stop")
    assert comes_to(found) is Order.NOWHERE


def test_a_summary_does_not_ask_for_what_is_in_doubt(subjects):
    code = START.format(between="cpus_ready();")
    code += "int init(void)\n{\n\tif (stop())\n\t\treturn -EIO;\n\treturn start();\n}\n"

    assert [each.callee for each in subjects(LifeStep, code) if each.function == "init"] == [
        "start"
    ]


def test_a_start_after_a_shutdown_is_no_use_without_it(subjects):
    code = RESTART.format(between="ret = seamcall_prerr_ret(TDH_SYS_CONFIG, &args);")

    (use,) = subjects(OptionalUse, code)
    assert use.asked is Done.UNKNOWN
