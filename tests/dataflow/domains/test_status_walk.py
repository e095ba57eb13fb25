"""Statuses on the paths of a function: what is left of them where something happens to them."""

import pytest

from tdxreview.cache import Identity
from tdxreview.dataflow.domains.status_uses import Happening
from tdxreview.dataflow.meanings import analysis_of, program_of
from tdxreview.program.unit import units_of
from tdxreview.source.text import image_of_text

HELPERS = """
static bool is_busy(u64 err)
{
	return (err >> 32) == 0x80000200;
}

"""


@pytest.fixture
def noted(abi):
    """Give what is noted of one kind in the last function, with how many statuses are left."""

    def noted(what, body, head="int f(u64 leaf, struct tdx_module_args *args, int a, int b)"):
        code = f"{HELPERS}{head}\n{{\n{body}\n}}\n"
        units = units_of([image_of_text("arch/x86/virt/vmx/tdx/a.c", code)])
        program = program_of(Identity(units), Identity([abi]))
        function = units[0].functions[-1]
        names = program.universe.names_in
        return [
            (event.target, names(left)[:1] if len(names(left)) == 1 else len(names(left)))
            for event, left in analysis_of(program, function).events
            if event.what is what
        ]

    return noted


BUSY = ("OPERAND_BUSY",)
SEAMCALL = "u64 err = seamcall(leaf, args);\n"


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("if (err) return 1; use(err);", []),
        ("if (!err) return 1; use(err);", [("use:0", 194)]),
        ("if (is_busy(err)) use(err);", [("is_busy:0", 195), ("use:0", BUSY)]),
        ("int ok = is_busy(err); if (ok) use(err);", [("is_busy:0", 195), ("use:0", BUSY)]),
        ("bool ok = a && !err; if (ok) use(err);", []),
        ("bool bad = a && err; if (bad) use(err);", [("use:0", 194)]),
        ("if (a) err = 0; if (a) use(err);", []),
        ("if (!a && err) return 1; if (!a) use(err);", []),
        ("BUG_ON(err); use(err);", []),
        ("switch (err) { case 0: break; default: use(err); }", [("use:0", 194)]),
    ],
)  # fmt: skip
def test_a_condition_narrows_the_statuses_behind_it(noted, body, left):
    """What is asked of the status, of a bool made from it, or of what goes with it, all count."""
    assert noted(Happening.PASSED, SEAMCALL + body + " return 0;") == left


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("u32 low = (u32)err; return low;", [("u32", 195)]),
        ("u64 low = err & 0xffffffff; return is_busy(err) ? low : 0;", [("mask", BUSY)]),
        ("u32 low = (u32)err; if (is_busy(err)) return low; return 0;", [("u32", BUSY)]),
        ("bool ok = is_busy(err); u32 low = (u32)err; return ok ? low : 0;", [("u32", BUSY)]),
        ("u32 low; low = (u32)err; if (!is_busy(err)) low = 0; return low;", [("u32", BUSY)]),
        ("u32 low = (u32)err; use(low); return is_busy(err) ? low : 0;", [("u32", 195)]),
        ("bool ok = is_busy(err); u32 low = (u32)err; return ok ? 0 : low;", [("u32", 194)]),
        ("u32 low = (u32)err; return is_busy(err);", [("u32", 195)]),
        ("return is_busy(err) ? (u32)err : 0;", [("u32", BUSY)]),
    ],
)  # fmt: skip
def test_bits_that_were_set_aside_matter_where_they_are_read(noted, body, left):
    assert noted(Happening.CAST, SEAMCALL + body) == left


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("return a ? a : seamcall_prerr(leaf, args);", [("", 195)]),
        ("int r = seamcall_prerr(leaf, args); return a ? a : r;", [("", 195)]),
        ("return err ? -EIO : 0;", [("", 195)]),
    ],
)
def test_a_choice_gives_back_the_status_that_it_fell_on(noted, body, left):
    prefix = SEAMCALL if "err ?" in body else ""
    assert noted(Happening.RETURNED, prefix + body) == left
    assert noted(Happening.LOST, prefix + body) == []


def test_a_loop_that_counts_is_left_after_its_last_round(noted):
    body = """
	for (a = 0; a < b; a++) {
		int r = seamcall_prerr(leaf, args);
		if (r)
			return r;
	}
	return 0;"""

    assert noted(Happening.GIVES_NUMBER, body) == [("success", ("SUCCESS",))]


def test_a_status_that_a_switch_asks_for_at_once_is_read(noted):
    body = "switch (seamcall(leaf, args)) { case 0: return 0; default: return -EIO; }"

    assert noted(Happening.LOST, body) == []
    assert noted(Happening.GIVES_NUMBER, body) == [("success", ("SUCCESS",)), ("failure", 194)]


def test_the_end_of_a_macro_is_its_last_statement(noted):
    body = """
	u64 err = ({ u64 x = seamcall(leaf, args); if (a) b = 1; x; });
	if (err)
		use(err);
	return 0;"""

    assert noted(Happening.PASSED, body) == [("use:0", 194)]


@pytest.mark.parametrize(
    ("call", "left"),
    [("seamcall(leaf, args)", 62), ("seamcall(leaf, 0, 0, 0, 0, args)", None)],
    ids=["a status", "nobody knows what"],
)
def test_what_may_be_a_status_or_an_errno_is_narrowed_by_no_number(noted, call, left):
    """Old kernels had `seamcall()` give either: that its low half is 1 tells nothing of it."""
    found = noted(Happening.PASSED, f"int r = {call}; if (r == 1) use(r); return 0;")

    assert found == ([("use:0", left)] if left else [])
