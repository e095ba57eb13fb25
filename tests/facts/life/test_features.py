"""Whether somebody asks for what only some modules have, before a failure stops more."""

import pytest

from tdxreview.facts.life.schema import Done, OptionalUse

CODE = """\
static int take_over(void)
{{
	struct tdx_module_args args = {{}};

	return seamcall_prerr(TDH_SYS_UPDATE, &args);
}}

static int enable_module(bool keep)
{{
	return keep ? take_over() : start_module();
}}

int update_module(bool keep)
{{
	if ({test})
		return -EINVAL;
	return enable_module(keep);
}}
{other}"""
NEVER = "int boot(void)\n{\n\treturn enable_module(false);\n}\n"
ANOTHER = "int boot(void)\n{\n\treturn enable_module(true);\n}\n"
ASKS = "keep && !(tdx_features0 & TDX_FEATURES0_TD_PRES)"


@pytest.mark.parametrize(
    ("test", "other", "expected"),
    [
        (ASKS, "", Done.DONE),
        (ASKS, ANOTHER, Done.NOT_SEEN),
        (ASKS, NEVER, Done.DONE),
        ("!keep", NEVER, Done.NOT_SEEN),
        ("!keep", "", Done.NOT_SEEN),
    ],
)
def test_a_test_counts_if_every_way_comes_by_one(subjects, test, other, expected):
    (use,) = subjects(OptionalUse, CODE.format(test=test, other=other))

    assert use.asked is expected


STORED = """\
static int take_over(struct kvm *kvm)
{{
	struct tdx_module_args args = {{}};

	return seamcall_prerr(TDH_SYS_UPDATE, &args);
}}

static int setup(struct own_ops *ops)
{{
	{use}
	return start_module();
}}
"""


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("ops->take_over = take_over;", Done.UNKNOWN),
        ("ops->take_over = take_over;\n\tif (take_over(NULL))\n\t\treturn -EIO;", Done.NOT_SEEN),
        ("if (take_over(NULL))\n\t\treturn -EIO;", Done.NOT_SEEN),
    ],
)
def test_who_stores_an_address_does_not_fail_with_the_function(subjects, use, expected):
    (found,) = subjects(OptionalUse, STORED.format(use=use))

    assert found.asked is expected
