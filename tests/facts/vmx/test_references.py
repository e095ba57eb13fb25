"""References to VMX that callbacks take and give back."""

import pytest

from tdxreview.facts.vmx.schema import Balance, VmxCount
from tdxreview.facts.vmx.sites import with_vmx
from tdxreview.source.text import image_of_text

UP = """\
static int up(unsigned int cpu)
{{
	int ret = x86_virt_get_ref(X86_FEATURE_VMX);

	if (ret)
		return ret;
	ret = {step};
	{after}
	return ret;
}}
"""
DOWN = """\
static int down(unsigned int cpu)
{{
	{body}
	return 0;
}}
"""
START = """\
static int start(void)
{
	return cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "x", up, down);
}
"""
PUT = "x86_virt_put_ref(X86_FEATURE_VMX);"
GOOD = UP.format(step="tdx_cpu_enable()", after=f"if (ret)\n\t\t{PUT}")


@pytest.fixture
def told(abi):
    def told(code):
        found = with_vmx((), [image_of_text("a.c", code)], abi)
        return [(each.place.line, each.balance) for each in found if type(each) is VmxCount]

    return told


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (PUT, []),
        ('pr_info("down\\n");', [(15, Balance.KEPT)]),
        (f"{PUT}\n\t{PUT}", [(16, Balance.OWED)]),
        (f"if (last(cpu))\n\t\treturn -EBUSY;\n\t{PUT}", []),
        (f"{PUT}\n\tif (last(cpu))\n\t\treturn -EBUSY;", [(16, Balance.OWED)]),
        (f"if (!used())\n\t\treturn 0;\n\t{PUT}", [(15, Balance.KEPT)]),
        ("x86_virt_put_ref(X86_FEATURE_SVM);", [(15, Balance.KEPT)]),
        ("let_go_of_vmx();", []),
    ],
)
def test_what_goes_offline_gives_back_once(told, body, expected):
    assert told(GOOD + DOWN.format(body=body) + START) == expected


@pytest.mark.parametrize(
    ("step", "after", "expected"),
    [
        ("tdx_cpu_enable()", "", [(9, Balance.KEPT)]),
        ("noted(cpu)", "", []),
        ("tdx_cpu_enable()", 'if (!ret)\n\t\treturn 0;\n\tpr_err("x\\n");', [(11, Balance.KEPT)]),
        ("tdx_cpu_enable()", "ret = 0;", []),
    ],
)
def test_a_callback_that_fails_keeps_nothing(told, step, after, expected):
    """What a function out of view gave may be an error or not: nothing is said."""
    code = UP.format(step=step, after=after) + DOWN.format(body=PUT) + START

    assert told(code) == expected


def test_what_a_caller_may_give_back_is_not_kept(told):
    helper = UP.format(step="tdx_cpu_enable()", after="if (ret)\n\t\treturn -EIO;")
    alone = helper.replace("static int up", "static int ready")
    high = (
        f"static int high(void)\n{{\n\tint r = ready(0);\n\n\tif (r)\n\t\t{PUT}\n\treturn r;\n}}\n"
    )

    assert told(alone) == [(9, Balance.KEPT)]
    assert told(alone + high) == []
