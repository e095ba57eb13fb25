"""Each use of a status is told with what is known of it there."""

import pytest

from tdxreview.facts.status.schema import (
    Act,
    After,
    Against,
    Checked,
    Expected,
    Gives,
    Handled,
    Holds,
    Lands,
    Masked,
    Outcome,
    Promise,
)
from tests.facts.c_facts import line_of, subjects

BODY = """
int f(u64 tdr)
{{
	struct tdx_module_args args = {{ .rcx = tdr }};
	u64 err = seamcall(TDH_MNG_KEY_CONFIG, &args);

{code}
	return 0;
}}
"""


def uses(code, act):
    return [use for use in subjects("use", BODY.format(code=code)) if use.act is act]


def use(code, act):
    (found,) = uses(code, act)
    return found


def test_a_use_stands_where_the_use_is_and_leads_back_to_the_call():
    code = BODY.format(code="\tif (err == TDX_OPERAND_BUSY)\n\t\treturn -EBUSY;")
    (found,) = [each for each in subjects("use", code) if each.act is Act.COMPARED]

    assert found.place.line == line_of(code, "TDX_OPERAND_BUSY")
    assert (found.place.column, found.place.end_column) == (5, 28)
    assert found.source == "seamcall()"
    assert found.leaf == "TDH.MNG.KEY.CONFIG"
    assert [(step.line, step.text) for step in found.steps("act")] == [
        (line_of(code, "seamcall("), "seamcall() gives a 64-bit status of TDH.MNG.KEY.CONFIG")
    ]


@pytest.mark.parametrize(
    ("kind", "lands"),
    [
        ("u64", Lands.U64),
        ("unsigned long", Lands.U64),
        ("s64", Lands.S64),
        ("u32", Lands.U32),
        ("int", Lands.INT),
        ("u16", Lands.NARROWER),
        ("bool", Lands.BOOL),
        ("something_t", Lands.UNKNOWN),
    ],
)
def test_an_assignment_lands_in_a_type(kind, lands):
    found = uses(f"\t{kind} copy = err;\n\tg(copy);", Act.ASSIGNED)

    assert [each.lands for each in found if each.code == "copy"] == [lands]


@pytest.mark.parametrize(
    ("test", "against", "masked", "outcome"),
    [
        ("err == TDX_SUCCESS", Against.ZERO, Masked.NO, Outcome.ONE),
        ("err == TDX_OPERAND_BUSY", Against.CODE_WITH_DETAILS, Masked.NO, Outcome.ONE),
        ("err != TDX_RND_NO_ENTROPY", Against.CODE, Masked.NO, Outcome.ONE),
        ("err == (TDX_OPERAND_BUSY | 1)", Against.CODE_AND_OPERAND, Masked.NO, Outcome.ONE),
        (
            "(err & TDX_SEAMCALL_STATUS_MASK) == TDX_OPERAND_BUSY",
            *(Against.CODE_WITH_DETAILS, Masked.STATUS_BITS, Outcome.ONE),
        ),
        (
            "(err & 0xffffffff) == TDX_OPERAND_BUSY",
            *(Against.CODE_WITH_DETAILS, Masked.LOW_BITS, Outcome.NEVER),
        ),
        ("err == -EBUSY", Against.ERRNO, Masked.NO, Outcome.UNKNOWN),
        ("err == other", Against.UNKNOWN, Masked.NO, Outcome.UNKNOWN),
    ],
)
def test_a_comparison_says_with_what_and_when_it_is_true(test, against, masked, outcome):
    found = use(f"\tif ({test})\n\t\tg();", Act.COMPARED)

    assert (found.against, found.masked, found.outcome) == (against, masked, outcome)


@pytest.mark.parametrize(
    ("mask", "against"),
    [
        ("TDX_OPERAND_BUSY", Against.CODE_WITH_DETAILS),
        ("TDX_SW_ERROR", Against.FAULT_MASK),
        ("TDX_ERROR", Against.ONE_BIT),
        ("BIT_ULL(62)", Against.ONE_BIT),
        ("TDX_SEAMCALL_STATUS_MASK", Against.STATUS_MASK),
        ("(TDX_ERROR | TDX_NON_RECOVERABLE)", Against.STATUS_MASK),
    ],
)
def test_a_bit_test_says_which_bits(mask, against):
    assert use(f"\tif (err & {mask})\n\t\tg();", Act.BIT_TESTED).against is against


def test_a_bit_test_is_found_under_negation_in_a_macro_and_behind_and():
    code = "\tif (unlikely(err && !(err & TDX_OPERAND_BUSY)))\n\t\tg();"

    assert use(code, Act.BIT_TESTED).also == (
        "TDX_SEAMCALL_VMFAILINVALID, TDX_SEAMCALL_GP, TDX_SEAMCALL_UD"
    )


@pytest.mark.parametrize(
    ("code", "against"),
    [
        ("\tif (busy(err))\n\t\tg();", Against.CODE_WITH_DETAILS),
        (
            "\tu64 bits = err & TDX_OPERAND_BUSY;\n\n\tif (bits)\n\t\tg();",
            Against.CODE_WITH_DETAILS,
        ),
        ("\tg(!(err & TDX_OPERAND_BUSY) ? 1 : 2);", Against.CODE_WITH_DETAILS),
        ("\tif (failed(err))\n\t\tg();", Against.ONE_BIT),
        (
            "\tu64 code = err & TDX_SEAMCALL_STATUS_MASK;\n\n\tif (code)\n\t\tg();",
            Against.STATUS_MASK,
        ),
    ],
)
def test_a_bit_test_is_found_behind_a_macro_and_a_variable(code, against):
    macros = (
        "#define busy(status)\t((status) & TDX_OPERAND_BUSY)\n"
        "#define failed(status)\t((status) & TDX_ERROR)\n"
    )
    found = subjects("use", macros + BODY.format(code=code))

    assert [each.against for each in found if each.act is Act.BIT_TESTED] == [against]


@pytest.mark.parametrize(
    "test", ["same(err)", "!((err & TDX_SEAMCALL_STATUS_MASK) == TDX_OPERAND_BUSY)"]
)
def test_a_masked_comparison_is_no_bit_test(test):
    macro = "#define same(s)\t(((s) & TDX_SEAMCALL_STATUS_MASK) == TDX_OPERAND_BUSY)\n"
    found = subjects("use", macro + BODY.format(code=f"\tg({test} ? 1 : 2);"))

    assert [each for each in found if each.act is Act.BIT_TESTED] == []


@pytest.mark.parametrize(
    ("code", "checked"),
    [
        ("\tg((u32)err);", Checked.NO),
        ("\tif (!err)\n\t\treturn 1;\n\tg((u32)err);", Checked.NO),
        ("\tif ((err & TDX_SW_ERROR) == TDX_SW_ERROR)\n\t\treturn 1;\n\tg((u32)err);", Checked.YES),
        ("\tif (err == TDX_RND_NO_ENTROPY)\n\t\tg((u32)err);", Checked.YES),
    ],
)
def test_low_bits_are_checked_where_the_faults_are_ruled_out(code, checked):
    assert use(code, Act.CUT).checked is checked


@pytest.mark.parametrize(
    ("conversion", "lands"),
    [
        ("%llx", Lands.U64),
        ("%016lx", Lands.U64),
        ("%x", Lands.U32),
        ("%d", Lands.INT),
        ("%hx", Lands.NARROWER),
        ("%pS", Lands.UNKNOWN),
    ],
)
def test_a_format_has_a_width(conversion, lands):
    found = use(f'\tpr_err("%s 100%% {conversion}\\n", name, err);', Act.PRINTED)

    assert (found.holds, found.lands) == (Holds.STATUS, lands)


@pytest.mark.parametrize(
    ("code", "after", "gives"),
    [
        ("\tif (err == TDX_SEAMCALL_UD)\n\t\treturn 0;\n\treturn -EIO;", After.FAULT, Gives.ZERO),
        ("\tif (err)\n\t\treturn 0;\n\treturn -EIO;", After.FAILURE, Gives.ZERO),
        ("\tif (err)\n\t\treturn EIO;\n\treturn -EIO;", After.FAILURE, Gives.POSITIVE),
        (
            "\tif (err == TDX_VCPU_NOT_ASSOCIATED)\n\t\treturn 0;\n\treturn -EIO;",
            After.CODE,
            Gives.ZERO,
        ),
        ("\tif (!err)\n\t\treturn 0;\n\treturn -EIO;", After.SUCCESS, Gives.ZERO),
    ],
)
def test_a_number_says_after_what_it_is_given(code, after, gives):
    found = [each for each in uses(code, Act.NUMBER_GIVEN) if each.gives is gives]

    assert [each.after for each in found] == [after]
    assert found[0].promise is Promise.ERRNO


def test_what_is_returned_through_a_variable_and_goto_is_followed():
    code = "\tint ret = 0;\n\n\tif (err)\n\t\tgoto out;\n\tret = -EIO;\nout:\n\treturn ret;"
    found = [each for each in uses(code, Act.NUMBER_GIVEN) if each.after is After.FAILURE]

    assert [each.gives for each in found] == [Gives.ZERO]


def test_a_warning_counts_as_handling():
    code = "\tWARN_ON_ONCE(err);\n\treturn -EINVAL;"

    assert [each.handled for each in uses(code, Act.NUMBER_GIVEN)] == [Handled.YES]


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("\tseamcall(TDH_MR_FINALIZE, &args);\n\tg(err);", Act.DISCARDED),
        ("\t(void)seamcall(TDH_MR_FINALIZE, &args);\n\tg(err);", Act.DISCARDED),
        ("\tu64 other = seamcall(TDH_MR_FINALIZE, &args);\n\tg(err);", Act.NEVER_READ),
        (
            "\tu64 other = seamcall(TDH_MR_FINALIZE, &args);\n\tif (err)\n\t\tg(other);",
            Act.SOMETIMES_UNREAD,
        ),
    ],
)
def test_a_status_that_nobody_reads_is_told(code, act):
    assert use(code, act).leaf == "TDH.MR.FINALIZE"


def test_a_predicate_of_the_code_narrows_as_its_body_does():
    code = """
static bool busy(u64 err)
{
	u64 code = err & TDX_SEAMCALL_STATUS_MASK;

	return code == TDX_OPERAND_BUSY || code == TDX_SYS_BUSY;
}

int f(u64 tdr)
{
	struct tdx_module_args args = { .rcx = tdr };
	u64 err = seamcall(TDH_MNG_KEY_CONFIG, &args);

	if (busy(err))
		return 0;
	return err ? -EIO : 0;
}
"""
    given = [use for use in subjects("use", code) if use.act is Act.NUMBER_GIVEN]

    assert [use.after for use in given if use.function == "f" and use.gives is Gives.ZERO] == [
        After.CODE
    ]


def test_a_macro_is_looked_through_to_what_it_does():
    code = """
#define BUG_ON_FAILURE(err, fn) ({ u64 _err = (err); WARN_ON_ONCE(_err); })
#define tell(fn, err) pr_err("SEAMCALL " #fn " failed: 0x%x\\n", err)

void f(u64 tdr)
{
	struct tdx_module_args args = { .rcx = tdr };
	u64 err = seamcall(TDH_MR_FINALIZE, &args);

	if (BUG_ON_FAILURE(err, TDH_MR_FINALIZE))
		tell(TDH_MR_FINALIZE, err);
}
"""
    found = subjects("use", code)

    assert [use.place.line for use in found if use.act is Act.WARNED] == [10]
    assert [(use.place.line, use.lands) for use in found if use.act is Act.PRINTED] == [
        (11, Lands.U32)
    ]


def test_an_errno_in_a_status_and_the_other_way_round():
    code = "\terr = -EINVAL;\n\tg(err);"

    assert [each.code for each in uses(code, Act.ERRNO_STORED)] == ["-EINVAL"]


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("if (err == OWN_ERROR_BUSY)\n\t\treturn -EAGAIN;", False),
        ("if (err == TDX_VCPU_NOT_ASSOCIATED)\n\t\treturn -EAGAIN;", True),
        ("own(kvm);", True),
    ],
)
def test_a_code_that_is_not_known_may_be_the_one_that_is_no_bug(before, told):
    code = f"""
int f(struct kvm *kvm, struct tdx_module_args *args)
{{
	u64 err = seamcall_ret(TDH_MEM_PAGE_AUG, args);

	{before}
	if (KVM_BUG_ON(err, kvm))
		return -EIO;
	return 0;
}}
"""
    found = [each.expected for each in subjects("use", code)]

    assert (Expected.YES in found) is told
