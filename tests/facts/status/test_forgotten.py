"""Failures left in memory are forgotten only where everybody who could look is in view."""

import pytest

from tdxreview.facts.status.schema import Act
from tests.facts.c_facts import line_of, subjects

CALLBACK = """
struct ctx {{ int err; atomic_t failed; int cpu; }};

static void run(void *info)
{{
	struct ctx *ctx = info;
	struct tdx_module_args args = {{}};

{left}
}}
"""
CALLER = """
static {type} start(int cpu)
{{
	{object}

	{call}
	{after}
}}
"""
MEMBER = "\tctx->err = seamcall_prerr(TDH_SYS_LP_INIT, &args);"
OWN = "struct ctx c = { .cpu = cpu };"
ELSEWHERE = "smp_call_function_single(cpu, run, &c, 1);"


def forgotten(left=MEMBER, object=OWN, call=ELSEWHERE, after="", type="void", more=""):  # noqa: A002
    code = CALLBACK.format(left=left) + more
    code += CALLER.format(type=type, object=object, call=call, after=after)
    found = [each for each in subjects("use", code) if each.act is Act.NEVER_READ]
    return [(each.place.line == line_of(code, call), each.source, each.detail) for each in found]


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (MEMBER, "c.err"),
        ("\tif (seamcall(TDH_SYS_LP_INIT, &args))\n\t\tatomic_inc(&ctx->failed);", "c.failed"),
        ("\tif (seamcall(TDH_SYS_LP_INIT, &args))\n\t\tctx->err = -EIO;", "c.err"),
        ("\tif (seamcall(TDH_SYS_LP_INIT, &args))\n\t\tctx->err++;", "c.err"),
        ("\tatomic_cmpxchg(&ctx->failed, 0, seamcall(TDH_SYS_LP_INIT, &args));", "c.failed"),
        ("\tWRITE_ONCE(ctx->err, !!seamcall(TDH_SYS_LP_INIT, &args));", "c.err"),
        ("\t*(u64 *)info = seamcall(TDH_SYS_LP_INIT, &args);", "c"),
        ("\tu64 s = seamcall(TDH_SYS_LP_INIT, &args);\n\tctx->err = s ? -EIO : 0;", "c.err"),
    ],
)
def test_an_outcome_in_an_object_that_nobody_reads_is_forgotten(left, kept):
    assert forgotten(left) == [(True, "run()", f"leaves in `{kept}`")]


@pytest.mark.parametrize(
    "call",
    ["on_each_cpu(run, &c, true);", "run(&c);", "on_each_cpu_mask(cpus, run, &c, 1);"],
)
def test_it_may_be_run_here_there_or_everywhere(call):
    assert forgotten(call=call) == [(True, "run()", "leaves in `c.err`")]


@pytest.mark.parametrize(
    "after",
    [
        'if (c.err) pr_err("failed");',
        "WARN_ON_ONCE(c.err);",
        "out_of_view(&c);",
        "copy_to_user(arg, &c, sizeof(c));",
        "state = c;",
        "while (READ_ONCE(c.err)) cpu_relax();",
    ],
)
def test_whoever_reads_it_or_may_read_it_has_not_forgotten_it(after):
    assert forgotten(after=after) == []


@pytest.mark.parametrize("after", ["c.err = 0;", "memset(&c, 0, sizeof(c));", "note(c.cpu);"])
def test_writing_it_and_reading_something_else_is_not_looking(after):
    assert forgotten(after=after) == [(True, "run()", "leaves in `c.err`")]


def test_an_object_of_others_is_out_of_view():
    assert forgotten(object="struct ctx *c = get();", call="on_each_cpu(run, c, 1);") == []
    assert forgotten(object="static struct ctx c;") == []


def test_a_helper_in_view_is_looked_into():
    shows = 'static void show(struct ctx *c)\n{{\n\tpr_info("%d", c->{member});\n}}\n'

    assert forgotten(after="show(&c);", more=shows.format(member="err")) == []
    assert forgotten(after="show(&c);", more=shows.format(member="cpu")) != []


def test_what_also_says_success_in_another_member_may_be_asked_by_that():
    left = (
        "\tif (seamcall(TDH_SYS_LP_INIT, &args))\n\t\tctx->err = -EIO;\n\telse\n\t\tctx->cpu = 1;"
    )

    assert forgotten(left, after="if (c.cpu) done();") == []


def test_on_a_way_down_it_is_enough_that_others_look():
    other = (
        "static int check(int cpu)\n{\n\tstruct ctx d = {};\n\n"
        "\tsmp_call_function_single(cpu, run, &d, 1);\n\treturn d.err;\n}\n"
    )

    assert forgotten(more=other) == []
    assert forgotten(more=other, type="int", after="return 0;") != []


def test_a_box_that_is_handed_on_is_read_by_who_returns_it_and_the_result_is_an_errno():
    box = (
        "static int everywhere(struct ctx *box)\n{\n\ton_each_cpu(run, box, true);\n"
        "\treturn READ_ONCE(box->err);\n}\n"
    )
    code = CALLBACK.format(left=MEMBER) + box
    code += CALLER.format(type="void", object=OWN, call="everywhere(&c);", after="")

    (found,) = [each for each in subjects("use", code) if each.act is Act.DISCARDED]

    assert (found.place.line, found.source) == (line_of(code, "everywhere(&c)"), "everywhere()")
