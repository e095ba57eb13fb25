"""What a loop repeats a SEAMCALL after, and what ends it."""

import pytest

from tdxreview.facts.status.schema import Bound, Entropy, OnFault, Resumed
from tests.facts.c_facts import line_of, subjects

LOOP = """
u64 f(u64 tdr)
{{
	struct tdx_module_args args = {{ .rcx = tdr }};
	int tries = 10;
	u64 err;

	do {{
		err = __seamcall({leaf}, &args);{more}
	}} while ({test});
	return err;
}}
"""


def retries(test, leaf="TDH_MEM_TRACK", more=""):
    return subjects("retry", LOOP.format(test=test, leaf=leaf, more=more))


@pytest.mark.parametrize(
    ("test", "trigger", "on_fault"),
    [
        ("err == TDX_RND_NO_ENTROPY", "RND_NO_ENTROPY", OnFault.NOT_REPEATED),
        (
            "(err & TDX_SEAMCALL_STATUS_MASK) == TDX_OPERAND_BUSY",
            *("OPERAND_BUSY", OnFault.NOT_REPEATED),
        ),
        (
            "err",
            "NON_RECOVERABLE_VCPU, NON_RECOVERABLE_TD, INTERRUPTED_RESUMABLE, …",
            OnFault.REPEATED,
        ),
        (
            "(err >> 62) == 2",
            "INTERRUPTED_RESUMABLE, INTERRUPTED_RESTARTABLE, CROSS_TD_FAULT, …",
            OnFault.REPEATED,
        ),
        ("err == TDX_SEAMCALL_UD", "SEAMCALL_UD", OnFault.REPEATED),
    ],
)
def test_a_condition_is_tried_on_every_status(test, trigger, on_fault):
    (found,) = retries(test)

    assert (found.trigger, found.on_fault) == (trigger, on_fault)


@pytest.mark.parametrize(
    ("test", "more", "bound"),
    [
        ("err == TDX_RND_NO_ENTROPY", "", Bound.NONE),
        ("err == TDX_RND_NO_ENTROPY && --tries", "", Bound.COUNTED),
        ("err == TDX_RND_NO_ENTROPY && tries", "\n\t\ttries--;", Bound.COUNTED),
        ("err == TDX_RND_NO_ENTROPY && time_before(jiffies, tdr)", "", Bound.COUNTED),
        ("err == TDX_RND_NO_ENTROPY", "\n\t\tif (!tries--)\n\t\t\tbreak;", Bound.COUNTED),
        ("err == TDX_RND_NO_ENTROPY", " /* bound to terminate */", Bound.ARGUED),
    ],
)
def test_a_loop_is_bounded_by_what_is_not_the_status(test, more, bound):
    (found,) = retries(test, more=more)

    assert found.bound is bound


def test_a_retry_stands_at_the_condition():
    (found,) = retries("err == TDX_RND_NO_ENTROPY")

    assert found.place.line == line_of(LOOP, "while (")
    assert found.steps("bound")[0].line == line_of(LOOP, "__seamcall(")


def test_a_loop_over_things_is_no_retry():
    code = """
u64 f(u64 *pages, int count)
{
	u64 err;
	int i;

	for (i = 0; i < count; i++) {
		struct tdx_module_args args = { .rcx = pages[i] };

		err = seamcall(TDH_MR_EXTEND, &args);
		if (err)
			break;
	}
	return err;
}
"""

    assert subjects("retry", code) == ()


def test_which_errno_repeats_nobody_can_tell():
    code = """
int f(void)
{
	struct tdx_module_args args = {};

	while (seamcall_prerr(TDH_SYS_KEY_CONFIG, &args) == -EBUSY)
		cpu_relax();
	return 0;
}
"""
    (found,) = subjects("retry", code)

    assert (found.on_fault, found.trigger) == (OnFault.UNKNOWN, "an errno")


ANSWERED = """
static int answered({talk}u64 err)
{{
	if (!err)
		return 0;
	if ({asked}) {{
		{work}
		return -EAGAIN;
	}}
	return -EIO;
}}

int f(struct talk *talk)
{{
	struct tdx_module_args args = {{}};
	int ret;

	do {{
		ret = answered({given}seamcall(TDH_SYS_KEY_CONFIG, &args));
	}} while (ret == -EAGAIN);
	return ret;
}}
"""


def test_what_is_handed_the_status_may_do_something_about_it():
    work = "if (exchange(talk) < 0)\n\t\t\treturn -EIO;"
    code = ANSWERED.format(
        talk="struct talk *talk, ", given="talk, ", asked="err == TALK_GOES_ON", work=work
    )
    (found,) = subjects("retry", code)

    assert found.bound is Bound.UNKNOWN


def test_what_only_makes_an_errno_of_the_status_bounds_nothing():
    code = ANSWERED.format(talk="", given="", asked="err == TDX_KEY_GENERATION_FAILED", work="")

    (found,) = subjects("retry", code)

    assert found.bound is Bound.NONE


def test_an_errno_that_the_call_itself_gives_bounds_nothing():
    code = """
int f(void)
{
	while (seamcall_prerr(TDH_SYS_KEY_CONFIG, NULL) == -EBUSY)
		;
	return 0;
}
"""

    (found,) = subjects("retry", code)

    assert found.bound is Bound.NONE


@pytest.mark.parametrize(
    ("leaf", "test", "entropy"),
    [
        ("TDH_MNG_CREATE", "err == TDX_RND_NO_ENTROPY && --tries", Entropy.RETRIED),
        ("P_SEAMLDR_INSTALL", "err == TDX_RND_NO_ENTROPY && --tries", Entropy.WRONG_CODE),
        ("TDH_MNG_CREATE", "err == 0x8000000000030001ULL && --tries", Entropy.WRONG_CODE),
        ("TDH_MEM_TRACK", "err == TDX_SYS_BUSY && --tries", Entropy.NOT_ANSWERED),
    ],
)
def test_entropy_is_waited_for_with_the_code_of_the_firmware(leaf, test, entropy):
    (found,) = retries(test, leaf)

    assert found.entropy is entropy


@pytest.mark.parametrize(
    ("more", "resumed"),
    [
        ("", Resumed.NOT_TOLD),
        ("\n\t\targs.rcx = 1;", Resumed.TOLD),
        ("\n\t\targs.rcx = 0;", Resumed.NOT_TOLD),
        ("\n\t\targs.rcx |= 1;", Resumed.TOLD),
        ("\n\t\targs = (struct tdx_module_args) { .rcx = 0 };", Resumed.NOT_TOLD),
        ("\n\t\targs = (struct tdx_module_args) { .rcx = !!err };", Resumed.TOLD),
    ],
)
def test_an_interrupted_leaf_is_told_to_resume(more, resumed):
    (found,) = retries("err == TDX_INTERRUPTED_RESUMABLE && --tries", "TDH_PHYMEM_CACHE_WB", more)

    assert found.resumed is resumed


@pytest.mark.parametrize(
    ("more", "resumed"),
    [
        ("goto again;", Resumed.NOT_TOLD),
        ("{ resume = false; goto again; }", Resumed.NOT_TOLD),
        ("{ resume = true; goto again; }", Resumed.TOLD),
        ("{ resume++; goto again; }", Resumed.TOLD),
    ],
)
def test_a_jump_back_tells_to_resume_as_well(more, resumed):
    (found,) = subjects(
        "retry",
        "void f(void)\n{\n\tbool resume = false;\n\tu64 err;\n\nagain:\n"
        "\terr = tdh_phymem_cache_wb(resume);\n\tif (err == TDX_INTERRUPTED_RESUMABLE)\n"
        f"\t\t{more}\n\tg(err);\n}}\n",
    )

    assert found.resumed is resumed


def test_a_backward_goto_is_a_loop():
    code = """
u64 f(u64 tdr)
{
	struct tdx_module_args args = { .rcx = tdr };
	u64 err;

again:
	err = seamcall(TDH_MEM_TRACK, &args);
	if (err == TDX_SYS_BUSY)
		goto again;
	return err;
}
"""
    (found,) = subjects("retry", code)

    assert (found.place.line, found.bound) == (8, Bound.NONE)


INNER = """\
#define BUSY_RCX 0x8000020000000001ULL
int f(u64 pa, int n)
{{
	int i, ret = 0;
	u64 err;

	for (i = 0; i < n; i++) {{
		do {{
			err = tdh_phymem_page_wbinvd(pa);
		}} while ({test});
		if (err)
			ret = -EIO;
	}}
	return ret;
}}
"""


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("err == BUSY_RCX", OnFault.NOT_REPEATED),
        ("err == (TDX_OPERAND_BUSY | OUT_OF_VIEW)", OnFault.UNKNOWN),
        ("err == BUSY_RCX || --n", OnFault.REPEATED),
    ],
)
def test_what_goes_round_is_what_the_inner_loop_asks_for(test, expected):
    """The next page of the loop around it is another call, and a constant out of view no value."""
    (retry,) = subjects("retry", INNER.format(test=test))

    assert retry.on_fault is expected


@pytest.mark.parametrize(
    ("renewed", "expected"),
    [("args.r10 = 1;", Bound.PROGRESS), ("", Bound.UNKNOWN)],
)
def test_a_leaf_that_is_not_known_gets_on_if_it_is_told_to_resume(renewed, expected):
    """Whether it keeps its own progress, nobody can tell."""
    code = (
        "int f(u64 td)\n{\n\tstruct tdx_module_args args = { .rcx = td };\n\tu64 err;\n\n"
        f"\tdo {{\n\t\terr = seamcall_ret(TDH_OF_TOMORROW, &args);\n\t\t{renewed}\n"
        "\t} while (err == TDX_INTERRUPTED_RESUMABLE);\n\treturn err ? -EIO : 0;\n}\n"
    )

    (retry,) = subjects("retry", code)

    assert retry.bound is expected


@pytest.mark.parametrize(
    ("loop", "given", "found"),
    [
        ("for (i = 0; i < 8; i++)", "td->vp[i]", 0),
        ("for (page = first; page < last; page += 1)", "page", 0),
        ("for_each_online_cpu(i)", "td->vp[i]", 0),
        ("for (i = 0; i < 8; i++)", "td->vp[0]", 1),
        ("while (i--)", "td->vp[0]", 1),
    ],
)
def test_the_next_object_is_no_second_try_of_this_one(loop, given, found):
    code = (
        "int f(struct td *td, u64 first, u64 last)\n{\n\tu64 page;\n\tint i = 8;\n\n"
        f"\t{loop} {{\n\t\tif (tdh_vp_flush({given}))\n\t\t\tcontinue;\n\t\tbreak;\n\t}}\n"
        "\treturn 0;\n}\n"
    )

    assert len(subjects("retry", code)) == found


def test_what_is_taken_by_the_step_of_a_loop_is_the_next_object_as_well():
    code = (
        "void f(u64 *pages)\n{\n\tstruct tdx_module_args args = {};\n\tint i;\n\n"
        "\tfor (i = 0; i < 8; i++) {\n\t\targs.rcx = pages[i];\n"
        "\t\tif (seamcall(TDH_VP_FLUSH, &args))\n\t\t\tcontinue;\n\t\tbreak;\n\t}\n}\n"
    )

    assert subjects("retry", code) == ()


ELSEWHERE = """
static int here(void *unused)
{{
	{body}
}}

int there(int cpu)
{{
	return smp_call_on_cpu(cpu, here, NULL, true);
}}
"""


@pytest.mark.parametrize("body", ["tdx_cpu_enable()", "seamcall_prerr(TDH_SYS_LP_INIT, &args)"])
def test_what_another_cpu_is_given_repeats_what_it_repeats(body):
    """A call that has a function run there and gives its answer is no call of the leaf."""
    found = subjects("retry", ELSEWHERE.format(body=f"return {body};"))

    assert [each.entropy for each in found] == []


@pytest.mark.parametrize(
    ("call", "entropy"),
    [
        ("__seamcall(TDH_MNG_CREATE, rcx, 0, 0, 0, NULL)", Entropy.NOT_RETRIED),
        ("kvm_seamcall(TDH_MNG_CREATE, rcx, 0, 0, 0, NULL)", Entropy.UNKNOWN),
        ("own(TDH_MNG_CREATE, rcx)", Entropy.NOT_RETRIED),
    ],
)
def test_a_wrapper_out_of_view_may_retry_by_itself(call, entropy):
    code = f"""
static u64 own(u64 leaf, u64 rcx)
{{
	return __seamcall(leaf, rcx, 0, 0, 0, NULL);
}}

int f(u64 rcx)
{{
	return {call} ? -EIO : 0;
}}
"""
    found = [each.entropy for each in subjects("retry", code) if each.function == "f"]

    assert found == ([entropy] if entropy is Entropy.NOT_RETRIED else [])
