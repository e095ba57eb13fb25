"""What a patch takes from a step, a flush or a clearing, and what it only puts elsewhere."""

from difflib import unified_diff

import pytest

from tdxreview.facts.life.needed import comes_to
from tdxreview.facts.life.removed import gone
from tdxreview.facts.life.schema import LifeStep, Order, PageReturn
from tdxreview.source.diff import split_diff
from tdxreview.source.images import change_of_file
from tests.facts.c_facts import abi, gather_c

PATH = "arch/x86/virt/vmx/tdx/own.c"
START = """static int start(u64 list)
{{
	struct tdx_module_args args = {{ .rcx = list }};
	int ret = seamcall_prerr(TDH_SYS_CONFIG, &args);

	if (ret)
		return ret;
{flush}
	args.rcx = 0;
	return seamcall_prerr(TDH_SYS_KEY_CONFIG, &args);
}}
"""
FLUSH = START.format(flush="\twbinvd_on_all_cpus();")
DROP = """static int {name}(struct td *td, struct page *page)
{{
	u64 err = tdh_phymem_page_wbinvd_hkid(td->hkid, page);

	if (WARN_ON_ONCE(err))
		return -EIO;
{clear}
	td->pages--;
	return 0;
}}
"""
PAIR = "\ttdx_clear_page(page);\n\tput_page(page);"


def lost(before, after):
    """Give the losses between two versions of a file that a patch shows wholly."""
    lines = [text.splitlines(keepends=True) for text in (before, after)]
    head = f"diff --git a/{PATH} b/{PATH}\n"
    diff = head + "".join(unified_diff(*lines, f"a/{PATH}", f"b/{PATH}", n=999))
    (file,) = split_diff(diff).files
    change = change_of_file(file, None, 1)
    states = [gather_c([image], abi()) for image in (change.before, change.after)]
    return [each.subject for each in gone(*states, [change])]


def drops(first, second, helper=""):
    """Give two functions that get a page back."""
    return helper + DROP.format(name="one", clear=first) + DROP.format(name="two", clear=second)


HELPER = "static void {name}(void)\n{{\n\t{body}\n}}\n\n"


@pytest.mark.parametrize(
    "after",
    [
        HELPER.format(name="before_key", body="wbinvd_on_all_cpus();")
        + START.format(flush="\tbefore_key();"),
        START.format(flush="\tbefore_key();"),
        START.format(flush="\ttdx_before_key();"),
        START.format(flush="\tflush_caches_all();"),
        START.format(flush="\tif (before_key(list))\n\t\treturn -EIO;"),
    ],
)
def test_a_flush_that_went_elsewhere_is_not_lost(after):
    assert lost(FLUSH, after) == []


@pytest.mark.parametrize(
    ("after", "line"),
    [
        (START.format(flush='\tpr_info("key\\n");'), 10),
        (
            HELPER.format(name="before_key", body='pr_info("key\\n");')
            + START.format(flush="\tbefore_key();"),
            15,
        ),
        (START.format(flush="\tmutex_lock(&lock);"), 10),
    ],
)
def test_a_flush_that_gave_way_to_something_else_is_left_out(subjects, after, line):
    found = [(comes_to(each), each.place.line) for each in subjects(LifeStep, after)]

    assert lost(FLUSH, after) == []
    assert found[-1] == (Order.SKIPPED, line)


@pytest.mark.parametrize(
    "after",
    [
        drops("\tlet_go(page);", "\tlet_go(page);", "static void let_go(struct page *page)\n{\n"
              + PAIR + "\n}\n\n"),
        drops("\ttdx_quirk_reset_page(page);\n\tput_page(page);", PAIR),
        drops("\tlet_go(page);", "\tlet_go(page);"),
    ],
)  # fmt: skip
def test_a_clearing_that_went_elsewhere_is_not_lost(after):
    assert lost(drops(PAIR, PAIR), after) == []


def test_a_wrapper_that_is_gone_has_lost_nothing_but_its_caller_may():
    wrapper = "void scrub_tdx_page(struct page *page)\n{\n\ttdx_clear_page(page);\n}\n\n"
    before = drops("\tscrub_tdx_page(page);", "\tscrub_tdx_page(page);", wrapper)

    assert lost(before, drops("\ttdx_clear_page(page);", "\ttdx_clear_page(page);")) == []
    assert lost(drops(PAIR, PAIR), drops(PAIR, "\tput_page(page);")) != []


def test_one_of_two_clearings_is_lost():
    (found,) = lost(drops(PAIR, PAIR), drops(PAIR, '\tpr_debug("put\\n");'))

    assert (type(found), found.function) == (PageReturn, "two")


DOWN = """static int shut_down(void)
{{
	int ret = seamcall_prerr(TDH_SYS_SHUTDOWN, &args);

	if (ret)
		return ret;
{reset}
	return 0;
}}

static int bring_up(void)
{{
	int ret = seamcall_prerr(TDH_SYS_INIT, &args);

	if (!ret)
		module.up = true;
	return ret;
}}
"""


@pytest.mark.parametrize("name", ["reset_flags", "forget_module"])
def test_a_flag_that_a_helper_resets_is_not_lost(name):
    before = DOWN.format(reset="\tmodule.up = false;")
    helper = f"static void {name}(void)\n{{\n\tmodule.up = false;\n}}\n\n"

    assert lost(before, helper + DOWN.format(reset=f"\t{name}();")) == []
