"""Every SEAMCALL site is found: in wrappers of all generations, and in those that the code adds."""

import pytest

from tdxreview.facts.sites.schema import StatusUse
from tdxreview.kernel.tdx import Returns
from tests.facts.c_facts import subjects


def sites(code):
    return [
        (site.place.line, site.function, site.callee, site.leaf, site.returns)
        for site in subjects("site", code)
    ]


@pytest.mark.parametrize(
    ("call", "leaf", "returns"),
    [
        ("__seamcall(TDH_SYS_INIT, &args)", "TDH.SYS.INIT", Returns.STATUS),
        ("seamcall_prerr_ret(TDH_SYS_RD, &args)", "TDH.SYS.RD", Returns.ERRNO),
        ("seamcall(33, &args)", "TDH.SYS.INIT", Returns.STATUS),
        ("seamcall(TDH_VP_INIT | (1ULL << 16), &args)", "TDH.VP.INIT", Returns.STATUS),
        ("__seamcall(TDH_MNG_CREATE, rcx, rdx, 0, 0, NULL)", "TDH.MNG.CREATE", Returns.STATUS),
        ("tdh_mng_create(tdr, hkid)", "TDH.MNG.CREATE", Returns.STATUS),
        ("seamcall(fn, &args)", "", Returns.STATUS),
    ],
)
def test_a_call_of_a_known_wrapper_is_a_site(call, leaf, returns):
    code = f"u64 f(u64 fn)\n{{\n\treturn {call};\n}}\n"

    (found,) = sites(code)

    assert (found[0], found[1], found[3], found[4]) == (3, "f", leaf, returns)


def test_a_wrapper_of_the_code_is_known_by_what_it_does():
    code = """
static u64 my_call(u64 leaf, struct tdx_module_args *a)
{
	return __seamcall_ret(leaf, a);
}

static u64 init(void)
{
	struct tdx_module_args args = {};

	return my_call(TDH_SYS_INIT, &args);
}

int start(void)
{
	return init() ? -EIO : 0;
}
"""

    assert [each[:4] for each in sites(code)] == [
        (4, "my_call", "__seamcall_ret", ""),
        (11, "init", "my_call", "TDH.SYS.INIT"),
        (16, "start", "init", "TDH.SYS.INIT"),
    ]


def test_a_helper_that_calls_an_assembly_function_gives_its_status():
    code = """
static __always_inline u64 again(sc_func_t func, u64 fn, struct tdx_module_args *args)
{
	return func(fn, args);
}
#define my_seamcall(fn, args) again(__seamcall, (fn), (args))

u64 f(void)
{
	struct tdx_module_args args = {};

	return my_seamcall(TDH_SYS_INIT, &args);
}
"""

    assert [each[1:4] for each in sites(code)] == [("f", "again", "TDH.SYS.INIT")]


def test_a_name_by_convention_is_no_site_if_it_returns_something_else():
    code = "void tdh_vp_rd_failed(u64 err);\nvoid f(u64 err)\n{\n\ttdh_vp_rd_failed(err);\n}\n"

    assert sites(code) == []


def test_what_becomes_of_the_status_is_told():
    code = """
u64 f(u64 tdr, u64 *out)
{
	struct tdx_module_args args = { .rcx = tdr };
	u64 err = seamcall(TDH_MNG_KEY_CONFIG, &args);

	if (err)
		return err;
	*out = seamcall(TDH_MR_FINALIZE, &args);
	seamcall(TDH_MEM_TRACK, &args);
	return 0;
}
"""

    assert [site.status_use for site in subjects("site", code)] == [
        {StatusUse.TESTED, StatusUse.RETURNED},
        {StatusUse.KEPT},
        {StatusUse.DISCARDED},
    ]


def test_a_status_through_a_pointer_is_the_status_beside_the_errno():
    code = """
static int my_call(u64 fn, struct tdx_module_args *args, u64 *status)
{
	u64 err = __seamcall(fn, args);

	*status = err;
	return err ? -EIO : 0;
}

int f(void)
{
	struct tdx_module_args args = {};
	u64 sret;
	int ret = my_call(TDH_SYS_INIT, &args, &sret);

	if (sret & TDX_OPERAND_BUSY)
		return -EBUSY;
	return ret;
}
"""
    found = [use for use in subjects("use", code) if use.act == "bit-tested"]

    assert [(use.place.line, use.source) for use in found] == [(16, "my_call()")]


MADE = """\
#define BUILD(bits)						\\
static inline int read##bits(void *vp)				\\
{								\\
	u32 err = tdh_vp_rd(vp, bits, &data);			\\
								\\
	return err ? -EIO : 0;					\\
}								\\
static inline int write##bits(void *vp)				\\
{								\\
	u64 err = tdh_vp_wr(vp, bits, 1, 1);			\\
								\\
	return err ? -EIO : 0;					\\
}
BUILD(16);
BUILD(64);
"""


def test_functions_that_a_macro_makes_have_their_sites_where_it_is_called():
    assert [(line, function, leaf) for line, function, _, leaf, _ in sites(MADE)] == [
        (14, "read16", "TDH.VP.RD"),
        (14, "write16", "TDH.VP.WR"),
        (15, "read64", "TDH.VP.RD"),
        (15, "write64", "TDH.VP.WR"),
    ]


def test_what_is_wrong_in_one_of_them_is_told_at_each_call():
    truncated = [
        (use.place.line, use.function)
        for use in subjects("use", MADE)
        if use.act == "assigned" and use.lands == "u32"
    ]

    assert truncated == [(14, "read16"), (15, "read64")]
