"""A wrapper's name means what the code in view makes of it; else what all generations share."""

import pytest

from tdxreview.facts.status.schema import Act, After, Gives, Holds
from tests.facts.c_facts import subjects

LONG = "seamcall(TDH_VP_FLUSH, vp, 0, 0, 0, 0, NULL)"
"""A call with seven arguments: an errno in one generation of `seamcall`, a status in another."""
STATUS_MACRO = """
u64 raw_call(u64 op, u64 a, u64 b, u64 c, u64 d, u64 e, struct outs *o);
#define seamcall(op, a, b, c, d, e, o) kvm_seamcall(LEAF_##op, a, b, c, d, e, o)
"""
STATUS_FUNCTION = """
static inline u64 seamcall(u64 op, u64 a, u64 b, u64 c, u64 d, u64 e, struct outs *o)
{
	if (!o)
		o = &nowhere;
	return asm_call(op, a, b, c, d, e, o);
}
"""
ERRNO_FUNCTION = """
static int seamcall(u64 op, u64 a, u64 b, u64 c, u64 d, u64 *sret, struct outs *o)
{
	u64 err = __seamcall(op, a, b, c, d, o);

	return err ? -EIO : 0;
}
"""
STATUS_DECLARED = "u64 seamcall(u64 op, u64 a, u64 b, u64 c, u64 d, u64 e, struct outs *o);\n"


def acts(code):
    """Give what rules speak of: what is lost, and tests for a sign of what is a status."""
    lost = {Act.DISCARDED, Act.NEVER_READ}
    uses = subjects("use", code)
    signed = Act.SIGN_TESTED, Holds.STATUS
    return [use.act for use in uses if use.act in lost or (use.act, use.holds) == signed]


def kinds(before, body):
    return {str(site.returns) for site in subjects("site", before + body) if site.function == "f"}


PASSES_ON = f"u64 f(u64 vp)\n{{\n\treturn {LONG};\n}}\n"


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        ("", "unknown"),
        (STATUS_MACRO, "status"),
        (STATUS_FUNCTION, "status"),
        (STATUS_DECLARED, "status"),
        (ERRNO_FUNCTION, "errno"),
    ],
)
def test_seven_arguments_are_told_apart_by_a_definition_in_view_alone(before, kind):
    assert kinds(before, PASSES_ON) == {kind}


def test_an_arity_that_no_generation_has_is_not_guessed():
    """Nine registers may come with another wrapper of the name."""
    body = "u64 f(u64 vp)\n{\n\treturn seamcall(TDH_VP_FLUSH, vp, 0, 0, 0, 0, 0, 0, NULL);\n}\n"

    assert kinds("", body) == {"unknown"}


def test_an_arity_that_is_new_keeps_what_all_generations_return():
    body = "u64 f(u64 vp)\n{\n\treturn kvm_seamcall(TDH_VP_FLUSH, vp, 0, 0, 0, 0, 0, NULL);\n}\n"

    assert kinds("", body) == {"status"}


def test_two_arguments_are_a_status_still():
    assert kinds("", "u64 f(u64 vp)\n{\n\treturn seamcall(TDH_VP_FLUSH, &args);\n}\n") == {"status"}


@pytest.mark.parametrize(
    "body",
    [
        f"\tint ret = {LONG};\n\n\tif (ret < 0)\n\t\treturn ret;\n\treturn 0;",
        f"\tu64 e = {LONG};\n\n\tif (e == TDX_VCPU_NOT_ASSOCIATED)\n\t\treturn 0;\n\treturn -EIO;",
        f"\tint ret = {LONG};\n\n\treturn ret;",
    ],
)
def test_what_may_be_a_status_or_an_errno_is_handled_by_the_tests_of_either(body):
    code = f"int f(u64 vp)\n{{\n{body}\n}}\n"

    assert acts(code) == []


def test_what_may_be_a_status_or_an_errno_is_not_to_be_dropped():
    """Both kinds say that the leaf failed."""
    code = f"int f(u64 vp)\n{{\n\t{LONG};\n\treturn 0;\n}}\n"

    assert acts(code) == [Act.DISCARDED]


def test_a_status_that_is_sign_tested_is_caught_where_the_definition_is_in_view():
    body = f"\tif ({LONG} < 0)\n\t\treturn -EIO;\n\treturn 0;"
    code = f"{STATUS_DECLARED}\nint f(u64 vp)\n{{\n{body}\n}}\n"

    assert acts(code) == [Act.SIGN_TESTED]


@pytest.mark.parametrize("kind", ["u64", "int"])
def test_what_may_be_a_status_or_an_errno_is_0_after_success_alone(kind):
    """So no failure gets to the `return 0` behind the test."""
    body = f"\t{kind} r = {LONG};\n\n\tif (r)\n\t\treturn -EIO;\n\treturn 0;"
    uses = subjects("use", f"int f(u64 vp)\n{{\n{body}\n}}\n")
    given = {(use.gives, use.after) for use in uses if use.act is Act.NUMBER_GIVEN}

    assert not given & {(Gives.ZERO, After.FAULT), (Gives.ZERO, After.FAILURE)}
