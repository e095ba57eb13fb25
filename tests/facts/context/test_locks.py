"""What stands around a SEAMCALL: what blocks, who calls what, who asserts what."""

import pytest

from tdxreview.facts.context.schema import (
    Blocking,
    Bypass,
    Instrumented,
    NoinstrCall,
    Serialised,
)
from tdxreview.facts.sites.schema import Site
from tdxreview.kernel.context import Blocks, Held

ARGS = "struct tdx_module_args args = {};\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("kzalloc(8, GFP_KERNEL)", Blocks.SLEEPS),
        ("alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO)", Blocks.SLEEPS),
        ("might_sleep()", Blocks.SLEEPS),
        ("wbinvd_on_all_cpus()", Blocks.WAITS_FOR_CPUS),
    ],
)
def test_a_call_that_may_block_is_known_by_name_and_flags(subjects, call, expected):
    body = f"raw_spin_lock(&l);\n{call};\nint r = seamcall_prerr(TDH_SYS_INIT, &args);\n"
    code = f"int f(void)\n{{\n{ARGS}{body}raw_spin_unlock(&l);\nreturn r;\n}}\n"

    assert [each.blocks for each in subjects(Blocking, code)] == [expected]


@pytest.mark.parametrize("call", ["kzalloc(8, GFP_ATOMIC)", "udelay(3)", "kmalloc(8, gfp)"])
def test_a_call_that_need_not_block_is_none(subjects, call):
    body = f"guard(raw_spinlock)(&l);\n{call};\nreturn seamcall_prerr(TDH_SYS_INIT, &args);\n"

    assert subjects(Blocking, f"int f(gfp_t gfp)\n{{\n{ARGS}{body}}}\n") == []


def test_an_assertion_says_what_holds_below_it(subjects):
    body = "lockdep_assert_irqs_disabled();\nmsleep(1);\n"
    code = f"int f(void)\n{{\n{ARGS}{body}return seamcall_prerr(TDH_SYS_INIT, &args);\n}}\n"

    assert [each.under for each in subjects(Blocking, code)] == [frozenset({Held.IRQS_OFF})]


def test_a_noinstr_call_is_judged_by_how_the_callee_is_declared(subjects):
    code = """static __always_inline void a(void) { }
static noinstr void b(void) { }
static inline void c(void) { }
noinstr u64 enter(struct tdx_module_args *args)
{
	a();
	b();
	c();
	d();
	WARN_ON_ONCE(args);
	WARN_RATELIMIT(args, "x");
	return __seamcall_saved_ret(TDH_VP_ENTER, args);
}
"""
    found = {each.callee: each.instrumented for each in subjects(NoinstrCall, code)}

    assert found == {
        "a": Instrumented.NEVER,
        "b": Instrumented.NEVER,
        "c": Instrumented.POSSIBLY,
        "d": Instrumented.UNKNOWN,
        "WARN_ON_ONCE": Instrumented.WARNS,
        "WARN_RATELIMIT": Instrumented.POSSIBLY,
        "__seamcall_saved_ret": Instrumented.UNKNOWN,
    }


def test_a_stub_for_another_configuration_is_no_definition(subjects):
    code = """u64 enabled_only(void);
static inline u64 enabled_only(void) { return 0; }
noinstr u64 enter(struct tdx_module_args *args)
{
	enabled_only();
	return __seamcall_saved_ret(TDH_VP_ENTER, args);
}
"""
    found = {each.callee: each.instrumented for each in subjects(NoinstrCall, code)}

    assert found["enabled_only"] is Instrumented.UNKNOWN


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", Bypass.UNKNOWN),
        ("u64 g(void) { return seamcall(TDH_SYS_INIT, NULL); }\n", Bypass.AROUND),
    ],
)
def test_a_raw_call_is_one_around_wrappers_only_if_there_are_any(subjects, beside, expected):
    code = f"u64 f(void)\n{{\n{ARGS}return __seamcall(TDH_SYS_LP_INIT, &args);\n}}\n{beside}"
    (found,) = (each for each in subjects(Site, code) if each.function == "f")

    assert found.bypass is expected


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        ("", Serialised.OPEN),
        ("guard(mutex)(&l);", Serialised.OPEN),
        ("guard(raw_spinlock_irqsave)(&l);", Serialised.LOCKED),
    ],
)
def test_a_loader_call_wants_a_raw_spinlock(subjects, lock, expected):
    body = f"{lock}\nreturn seamcall(P_SEAMLDR_INFO, &args);"
    (found,) = subjects(Site, f"u64 f(void)\n{{\n{ARGS}{body}\n}}\n")

    assert found.serialised is expected
