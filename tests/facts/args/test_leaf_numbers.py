"""Which constants are leaves, told by where they go."""

from tests.facts.c_facts import subjects

CONSTANT = "#define SEAMLDR_MODE_FIRST 0\n"
CALL = "int f(u64 pa)\n{{\n\tstruct tdx_module_args args = {{}};\n\n\treturn {call};\n}}\n"
START = """
static int start(u64 pa, u64 mode)
{
	struct tdx_module_args args = { .rcx = pa, .rdx = mode };

	return seamldr_call(P_SEAMLDR_INFO, &args);
}
"""


def names(code):
    return [each.name for each in subjects("leaf-name", code)]


def test_a_constant_that_is_called_is_a_leaf():
    code = CONSTANT + CALL.format(call="seamldr_call(SEAMLDR_MODE_FIRST, &args)")

    assert names(code) == ["SEAMLDR_MODE_FIRST"]


def test_a_constant_that_goes_to_another_argument_is_none():
    """A function in view that chooses the leaf itself takes a mode, not a leaf."""
    code = CONSTANT + START + CALL.format(call="start(pa, SEAMLDR_MODE_FIRST)")

    assert names(code) == []
