"""By which ways the kernel comes to a call, and what is held on them."""

import pytest

from tdxreview.facts.calls.collect import with_ways
from tdxreview.facts.calls.schema import Call, Leads
from tdxreview.kernel.context import Section
from tdxreview.rules.ways import way_to
from tdxreview.source.text import image_of_text

PATH = "arch/x86/virt/vmx/tdx/made_up.c"
CODE = """\
static DEFINE_MUTEX(ours);

static u64 ask(u64 field)
{
	struct tdx_module_args args = { .rcx = field };

	return seamcall_ret(TDH_SYS_RD, &args);
}

static int __init begin(void)
{
	return ask(1) ? -EIO : 0;
}
early_initcall(begin);

static int locked(void)
{
	guard(mutex)(&ours);
	return ask(2) ? -EIO : 0;
}

static long answer(struct file *file, unsigned int cmd, unsigned long arg)
{
	return locked();
}

static const struct file_operations table = {
	.unlocked_ioctl = answer,
};
"""


@pytest.fixture
def call_of(abi):
    """Give the one call of a name in a piece of code, with its ways."""

    def call_of(name, code=CODE):
        found = with_ways((), [image_of_text(PATH, code)], abi)
        (call,) = [each for each in found if isinstance(each, Call) and each.callee == name]
        return call

    return call_of


def lines(call, wanted=(), excuses=()):
    """Give the lines of the way that is found, None if none is."""
    as_values = [(word, frozenset(values)) for word, values in wanted]
    spared = [tuple((word, frozenset(values)) for word, values in each) for each in excuses]
    found = way_to(call.ways, tuple(as_values), spared)
    return None if found is None else [step.line for step in found]


def test_a_call_knows_its_section_and_where_it_leads(call_of):
    call = call_of("locked")

    assert (call.section, call.leads, call.function) == (Section.TEXT, Leads.TO_SEAMCALL, "answer")


def test_a_caller_is_found_at_any_distance_with_the_calls_down_from_it(call_of):
    assert lines(call_of("seamcall_ret"), [("caller", ["answer"])]) == [24, 19]


def test_a_caller_that_does_not_lead_there_is_not_found(call_of):
    assert lines(call_of("seamcall_ret"), [("caller", ["elsewhere"])]) is None


def test_the_section_of_a_caller_counts(call_of):
    assert lines(call_of("seamcall_ret"), [("caller_section", ["init"])]) == [12]


def test_a_lock_of_a_caller_is_held_below_it(call_of):
    call = call_of("seamcall_ret")

    assert lines(call, [("lock", ["ours"])]) == [19]
    assert lines(call, [("held", ["mutex"])]) == [19]


def test_an_excuse_has_to_hold_on_every_way(call_of):
    call = call_of("seamcall_ret")

    assert lines(call, excuses=[[("caller", ["begin"])]]) == [28, 24, 19]
    assert lines(call, excuses=[[("lock", ["ours"])]]) == [14, 12]


def test_excuses_of_several_entries_spare_several_ways(call_of):
    excuses = [[("caller_section", ["init"])], [("lock", ["ours"])]]

    assert lines(call_of("seamcall_ret"), excuses=excuses) is None


def test_a_way_without_an_entry_in_view_may_be_excused(call_of):
    """Who calls it is out of view, so that everything may hold there."""
    code = CODE[: CODE.index("static int __init")]

    assert lines(call_of("seamcall_ret", code), excuses=[[("caller", ["begin"])]]) is None


def test_the_entry_of_a_way_is_known_by_its_name(call_of):
    assert lines(call_of("seamcall_ret"), [("entry", ["initcall"])]) == [14, 12]


HANDED = """\
static void on_cpu(void *data)
{
	struct tdx_module_args args = {};

	*(u64 *)data = seamcall(TDH_SYS_LP_INIT, &args);
}

static int __init begin(void)
{
	u64 err;

	mutex_lock(&ours);
	on_each_cpu(on_cpu, &err, 1);
	mutex_unlock(&ours);
	return err ? -EIO : 0;
}
early_initcall(begin);
"""


def test_what_is_handed_over_is_come_to_from_there(call_of):
    call = call_of("seamcall", HANDED)

    assert lines(call, [("caller", ["begin"])]) == [13]
    assert lines(call, [("entry", ["call on every CPU"])]) == [13]
    assert lines(call, [("held", ["irqs-off"])]) == [13]


def test_locks_of_who_hands_it_over_are_those_of_another(call_of):
    assert lines(call_of("seamcall", HANDED), [("lock", ["ours"])]) is None


LOOP = """\
static int down(int n)
{
	return n ? over(n - 1) : seamcall(TDH_SYS_INIT, NULL);
}

static int over(int n)
{
	return down(n);
}
"""


def test_functions_that_call_each_other_come_to_an_end(call_of):
    assert lines(call_of("seamcall", LOOP), [("caller", ["c"])]) is None
    assert lines(call_of("seamcall", LOOP), [("caller", ["over"])]) == [8]
