"""How a step stands to the steps that it needs, and how a trace says so."""

import pytest

from tdxreview.facts.life.needed import comes_to
from tdxreview.facts.life.schema import LifeStep, Order

RELEASE = """static void release_key(struct td *td)
{
	u64 err = tdh_mng_vpflushdone(td);

	if (err)
		return;
	%s
	err = tdh_mng_key_freeid(td);
	if (err)
		pr_err("leaked\\n");
}
"""


@pytest.fixture
def step(subjects):
    """Give the step at the only call of a name."""

    def step(code, callee):
        (found,) = (each for each in subjects(LifeStep, code) if each.callee == callee)
        return found

    return step


def test_a_step_is_left_out_where_its_neighbours_stand(step):
    found = step(RELEASE % ";", "tdh_mng_key_freeid")

    assert (comes_to(found), found.needs) == (Order.SKIPPED, "td-caches-written")
    assert found.needs_what == "TDH.PHYMEM.CACHE.WB"


@pytest.mark.parametrize("between", ["tdx_write_back(td);", "write_back_tdx_caches();"])
def test_a_helper_out_of_view_may_have_done_it(step, between):
    assert comes_to(step(RELEASE % between, "tdh_mng_key_freeid")) is Order.UNKNOWN


def test_a_helper_in_view_has_done_it(step):
    code = RELEASE % "on_each_cpu(write_back, NULL, 1);"
    code += "static void write_back(void *unused)\n{\n\ttdh_phymem_cache_wb(false);\n}\n"

    assert comes_to(step(code, "tdh_mng_key_freeid")) is not Order.SKIPPED


def test_the_trace_tells_what_was_done_and_what_was_not(step):
    found = step(RELEASE % ";", "tdh_mng_key_freeid")

    assert [(each.line, each.text) for each in found.steps("needed")] == [
        (3, "tdh_mng_vpflushdone() does TDH.MNG.VPFLUSHDONE: td-flush-done"),
        (8, "tdh_mng_key_freeid() does TDH.MNG.KEY.FREEID: what it needs is left out"),
    ]


def test_a_step_on_one_of_two_ways_is_no_verdict(step):
    code = RELEASE % "if (td->warm && tdh_phymem_cache_wb(false))\n\t\treturn;"

    assert comes_to(step(code, "tdh_mng_key_freeid")) is Order.PARTLY


def test_the_later_step_is_shown_where_the_order_is_wrong(step):
    code = """int cpu_start(void)
{
	struct tdx_module_args args = {};
	u64 err = seamcall(TDH_SYS_LP_INIT, &args);

	if (err)
		return -EIO;
	return start_module();
}

static int start_module(void)
{
	struct tdx_module_args args = {};

	return seamcall_prerr(TDH_SYS_INIT, &args) ? -EIO : 0;
}
"""
    found = step(code, "seamcall")

    assert comes_to(found) is Order.EARLY
    assert [(each.line, each.text) for each in found.steps("needed")][-1] == (
        8,
        "only start_module() comes to that",
    )


def test_the_needs_of_a_function_are_its_callers_needs(step):
    code = """static int key_here(void *unused)
{
	struct tdx_module_args args = {};

	return seamcall_prerr(TDH_SYS_KEY_CONFIG, &args) ? -EIO : 0;
}

static int set_up(u64 list)
{
	int ret = pass(list);

	return ret ? ret : smp_call_on_cpu(0, key_here, NULL, true);
}

static int pass(u64 list)
{
	struct tdx_module_args args = { .rcx = list };

	return seamcall(TDH_SYS_CONFIG, &args) ? -EIO : 0;
}
"""
    found = step(code, "smp_call_on_cpu")

    assert (comes_to(found), found.needs) == (Order.SKIPPED, "caches-flushed")


def test_a_macro_that_is_given_the_wrapper_does_the_leaf(step):
    code = """static int zap(struct kvm *kvm, struct tdx_td *td, u64 gpa)
{
	u64 err, entry, state;

	err = tdx_do_no_vcpus(tdh_mem_range_block, kvm, td, gpa, 0, &entry, &state);
	if (err)
		return -EIO;
	err = tdx_do_no_vcpus(tdh_mem_page_remove, kvm, td, gpa, 0, &entry, &state);
	if (err)
		return -EIO;
	return 0;
}
"""
    code = code.replace("tdx_do_no_vcpus(tdh_mem_page", "tdx_try(tdh_mem_page")

    assert comes_to(step(code, "tdx_try")) is Order.UNDONE
