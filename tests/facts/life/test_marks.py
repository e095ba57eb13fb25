"""Whether the mark of incoherent caches is set before the module is entered, on every path."""

import pytest

from tdxreview.facts.life.needed import comes_to
from tdxreview.facts.life.schema import LifeStep, Order

MARK = "this_cpu_write(cache_state_incoherent, true);"
LOW = """static u64 low(sc_func_t func, u64 fn, struct tdx_module_args *args)
{
	return func(fn | args->version, args);
}
"""
KEXEC = """static void kexec_comes(void)
{
	if (this_cpu_read(cache_state_incoherent))
		wbinvd();
}
"""


def high(*lines, name="high"):
    """Give a caller of the function that enters the module."""
    body = "\n\t".join(lines)
    head = f"static u64 {name}(sc_func_t func, u64 fn, struct tdx_module_args *args)"
    return f"{head}\n{{\n\t{body}\n}}\n"


CALL = "return low(func, fn, args);"


@pytest.fixture
def order(subjects):
    """Give how the calls stand by which a function enters the module."""

    def order(code, function="low"):
        found = subjects(LifeStep, KEXEC + code)
        (step,) = (each for each in found if each.function == function and each.leaf == "SEAMCALL")
        return comes_to(step)

    return order


@pytest.mark.parametrize(
    "code",
    [
        LOW + high(MARK, CALL),
        LOW + high("cache_state_incoherent = true;", CALL),
        LOW + high(MARK, CALL) + high(MARK, CALL, name="other"),
        LOW + high("if (fn)", f"\t{MARK}", "else", f"\t{MARK}", CALL),
        LOW + high("mark();", CALL) + f"static void mark(void)\n{{\n\t{MARK}\n}}\n",
        LOW + high("return high(func, fn, args);", name="top")
        + high(MARK, CALL),
    ],
)  # fmt: skip
def test_a_helper_below_the_mark_has_it(order, code):
    assert order(code) is Order.KEPT


@pytest.mark.parametrize(
    "code",
    [
        LOW,
        LOW + high(CALL),
        LOW + high(MARK, CALL) + high(CALL, name="other"),
        LOW + high("u64 err = low(func, fn, args);", MARK, "return err;"),
        LOW + high("idle();", CALL) + "static void idle(void)\n{\n\tcpu_relax();\n}\n",
        LOW + high(MARK, "this_cpu_write(cache_state_incoherent, false);", CALL),
    ],
)
def test_a_helper_that_somebody_enters_by_without_the_mark_lacks_it(order, code):
    assert order(code) is Order.SKIPPED


@pytest.mark.parametrize(
    "code",
    [
        LOW + high("tdx_before_call();", CALL),
        LOW + high("if (fn)", f"\t{MARK}", CALL),
        LOW + "static u64 high(u64 fn, struct args *args)\n{\n\treturn own(low, fn, args);\n}\n",
    ],
)
def test_what_cannot_be_told_is_unknown(order, code):
    assert order(code) is Order.UNKNOWN


def test_a_mark_after_the_call_is_too_late(order):
    code = high("u64 err = func(fn, args);", MARK, "return err;", name="low")

    assert order(code) is Order.EARLY


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("wbinvd();\n\tthis_cpu_write(cache_state_incoherent, false);", Order.KEPT),
        ("flush();\n\tthis_cpu_write(cache_state_incoherent, false);", Order.KEPT),
        ("this_cpu_write(cache_state_incoherent, false);\n\twbinvd();", Order.SKIPPED),
        (
            "if (off)\n\t\twbinvd();\n\tthis_cpu_write(cache_state_incoherent, false);",
            Order.UNKNOWN,
        ),
        ("if (!this_cpu_read(cache_state_incoherent))\n\t\treturn;\n\twbinvd();", Order.KEPT),
        ("if (this_cpu_read(cache_state_incoherent))\n\t\treturn;\n\twbinvd();", Order.SKIPPED),
        ("if (this_cpu_read(cache_state_incoherent))\n\t\tflags |= 4;", Order.KEPT),
    ],
)
def test_the_mark_is_heeded_where_a_flush_comes_on_the_path(subjects, body, expected):
    code = f"static void leave(bool off)\n{{\n\t{body}\n}}\n"
    code += "static void flush(void)\n{\n\twbinvd();\n}\n"

    (step,) = (each for each in subjects(LifeStep, code) if each.leaf == "the next kernel")
    assert comes_to(step) is expected
