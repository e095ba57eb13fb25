"""What the two sides of a hunk show: a defect that the patch made, and what only looks like one."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from tdxreview.facts.collect_c import gather_c
from tdxreview.facts.removed import compared, losses
from tdxreview.rules.folders import bundled_folder
from tdxreview.rules.loader import load_rules
from tdxreview.rules.matching import judge
from tdxreview.source.diff import split_diff
from tdxreview.source.images import change_of_file
from tests.facts.c_facts import abi as bundled_abi

PATH = "arch/x86/virt/vmx/tdx/own.c"
HEAD = f"diff --git a/{PATH} b/{PATH}\n--- a/{PATH}\n+++ b/{PATH}\n"
STEP = "static int own_step(struct own *own)"


@cache
def _rules():
    return load_rules(bundled_folder())


def change(*hunks):
    text, shift = HEAD, 0
    for at, (section, body) in enumerate(hunks):
        lines = body.splitlines()
        old = sum(not line.startswith("+") for line in lines)
        new = sum(not line.startswith("-") for line in lines)
        start = 100 * (at + 1)
        text += f"@@ -{start},{old} +{start + shift},{new} @@ {section}\n{body}"
        shift += new - old
    (file,) = split_diff(text).files
    return change_of_file(file, None, 1)


def told(*hunks):
    """Give rule, severity and line of what is found by comparing."""
    one = change(*hunks)
    found = compared([one], [one.after], bundled_abi()).subjects
    return [f"{each.rule} {each.severity} {each.place.line}" for each in judge(found, _rules())]


TABLE = yaml.safe_load(Path(__file__).with_name("removed_hunks.yml").read_text(encoding="utf-8"))


def rows(name):
    return [pytest.param(row, id=row["name"]) for row in TABLE[name]]


@pytest.mark.parametrize("row", rows("made-worse"))
def test_what_a_patch_took_away_is_told_at_the_line_where_it_is_missed(row):
    """The hunk alone is known."""
    assert row["found"] == told((STEP, row["hunk"]))


@pytest.mark.parametrize("row", rows("harmless"))
def test_what_only_looks_like_a_loss_is_not_told(row):
    """A look-alike that reviewers accept."""
    assert told((STEP, row["hunk"])) == []


def test_a_release_that_went_into_a_helper_of_the_patch_is_not_lost():
    """Its body is in another hunk."""
    helper = (
        "",
        "+static void own_leave(struct own *own)\n+{\n+\tmutex_unlock(&own->lock);\n+}\n \n",
    )
    use = " \tret = own_next(own);\n-\tmutex_unlock(&own->lock);\n+\town_leave(own);\n"

    assert told(helper, (STEP, use)) == []


def test_a_function_that_is_there_whole_is_left_to_what_follows_its_paths():
    """Both ways out are in view, and every register is set on the way."""
    whole = (
        " static int own_step(struct own *own)\n {\n-\tstruct tdx_module_args args = {};\n"
        "+\tstruct tdx_module_args args;\n \n \treturn own_call(own, &args);\n }\n"
    )

    assert told(("", whole)) == []


def test_a_guest_file_is_not_looked_at(monkeypatch):
    """The guest makes no SEAMCALLs."""
    monkeypatch.setattr("tests.facts.test_removed.HEAD", HEAD.replace("virt/vmx/tdx", "coco/tdx"))

    assert told((STEP, TABLE["made-worse"][1]["hunk"])) == []


def test_a_prototype_that_returns_less_is_told():
    """Every caller gets the lower half of the status."""
    body = " #define OWN 1\n-u64 __seamcall(u64 fn, struct tdx_module_args *args);\n"
    body += "+int __seamcall(u64 fn, struct tdx_module_args *args);\n \n"

    assert told(("", body)) == ["status-truncated warning 101"]


def test_an_assembly_helper_that_lost_its_inlining_is_told():
    """The function's head is all that is needed."""
    body = " /* calls it */\n-static __always_inline u64 own_call(sc_func_t func, u64 fn)\n"
    body += "+static inline u64 own_call(sc_func_t func, u64 fn)\n {\n \tint retry;\n \n"

    assert told(("", body)) == ["ctx-helper-not-inline warning 101"]


def test_a_check_that_moved_to_another_hunk_is_not_lost():
    """The variable is tested there as it was here."""
    first = " \tret = own_add(own);\n-\tif (ret)\n-\t\treturn ret;\n \town_note(own);\n"
    second = " \town_tell(own);\n+\tif (ret)\n+\t\treturn ret;\n \town_go_on(own);\n"

    assert told((STEP, first), (STEP, second)) == []


PREDICATE = (
    " #define OWN 1\n \n-static bool own_busy(u64 err)\n+static bool own_busy({} err)\n {{\n"
    " \treturn (err & {}) == {};\n }}\n"
)


@pytest.mark.parametrize("kind", ["u32", "int", "unsigned int"])
def test_a_predicate_that_takes_half_a_status_is_told(kind):
    """Its body is in view, its callers are not."""
    body = PREDICATE.format(kind, "TDX_SEAMCALL_STATUS_MASK", "TDX_OPERAND_BUSY")

    assert told(("", body)) == ["status-truncated warning 102"]


@pytest.mark.parametrize(
    ("kind", "mask"), [("u64", "TDX_SEAMCALL_STATUS_MASK"), ("u32", "OWN_MASK")]
)
def test_a_predicate_of_something_else_may_take_what_it_wants(kind, mask):
    """No status of the module is asked for, or the type is as wide as before."""
    assert told(("", PREDICATE.format(kind, mask, "OWN"))) == []


CACHE_WB = (
    " u64 own_write_back(bool resume)\n {{\n \tstruct tdx_module_args args = {{\n"
    "-\t\t.rcx = resume ? 1 : 0,\n{} \t}};\n \n \treturn seamcall({}, &args);\n }}\n"
)


def test_a_leaf_whose_register_no_longer_says_where_to_go_on_is_told():
    """TDH.PHYMEM.CACHE.WB begins anew unless RCX is 1."""
    body = CACHE_WB.format("", "TDH_PHYMEM_CACHE_WB")

    assert told(("", body)) == ["status-retry-stale-inputs warning 105"]


@pytest.mark.parametrize(
    ("instead", "leaf"),
    [("+\t\t.rcx = resume,\n", "TDH_PHYMEM_CACHE_WB"), ("", "TDH_SYS_KEY_CONFIG")],
)
def test_a_register_that_says_it_otherwise_or_says_nothing_is_not_missed(instead, leaf):
    """It is set in another way, or the leaf does not go on anywhere."""
    assert told(("", CACHE_WB.format(instead, leaf))) == []


CONFIG = (
    " \targs.rcx = own->first;\n-\treturn seamcall({}, &args);\n"
    "+\treturn seamcall({}, &args);\n }}\n"
)


def exchanged(first, second):
    """Give what is told where two functions exchange their leaves."""
    return told(
        ("u64 own_vp_flush(struct own *own)", CONFIG.format(first, second)),
        ("u64 own_vp_init(struct own *own)", CONFIG.format(second, first)),
    )


def test_functions_that_exchange_the_leaves_they_are_named_after_are_told():
    """Each says by its name which leaf it was for."""
    expected = ["life-leaf-order warning 101", "life-leaf-order warning 201"]

    assert exchanged("TDH_VP_FLUSH", "TDH_VP_INIT") == expected


def test_leaves_that_go_where_the_names_say_are_not_told():
    """The patch puts right what was wrong."""
    assert exchanged("TDH_VP_INIT", "TDH_VP_FLUSH") == []


def helper(body):
    """Give a helper that is handed an assembly function, in full but for its end."""
    head = " #define OWN 1\n static __always_inline u64 own_call(sc_func_t func, u64 fn,\n"
    return head + " \t\t\t\t   struct tdx_module_args *args)\n {\n" + body


def test_an_assembly_function_that_is_called_around_the_marking_wrapper_is_told():
    """The function is a parameter here."""
    body = "-\tu64 ret = __seamcall_dirty_cache(func, fn, args);\n"
    body += "+\tu64 ret = func(fn, args);\n \tint at;\n"

    assert told(("", helper(body))) == ["ctx-raw-seamcall warning 104"]


def test_a_helper_that_marks_the_caches_itself_needs_no_wrapper_for_it():
    """What the wrapper did stands here now."""
    body = "-\tu64 ret = __seamcall_dirty_cache(func, fn, args);\n+\tu64 ret;\n \tint at;\n"
    body += "+\tthis_cpu_write(cache_state_incoherent, true);\n+\tret = func(fn, args);\n"

    assert told(("", helper(body))) == []


def test_caches_that_are_marked_after_the_call_are_told():
    """An NMI for kexec may come in between."""
    body = "-\tthis_cpu_write(cache_state_incoherent, true);\n \tret = func(fn, args);\n"
    body += "+\tthis_cpu_write(cache_state_incoherent, true);\n \tif (!ret)\n"

    assert told(("", helper(body))) == ["life-cache-not-flushed warning 104"]


ERRATUM = (
    " \tint at = 0;\n-\tif (boot_cpu_has_bug(X86_BUG_SEAMRET_INVD_VMCS))\n"
    "-\t\treturn -EINVAL;\n{} \n"
    " \treturn seamldr_call(own->fn, &args);\n }}\n"
)


@pytest.mark.parametrize(
    ("instead", "found"),
    [
        ("", ["ctx-contract-weakened warning 102"]),
        ("+\tif (WARN_ON(boot_cpu_has_bug(X86_BUG_SEAMRET_INVD_VMCS)))\n+\t\treturn -EIO;\n", []),
    ],
)
def test_the_check_of_an_erratum_that_is_gone_is_told_once(instead, found):
    """By the states before and after; the two sides of the hunk say it not again."""
    one = change((STEP, ERRATUM.format(instead)))
    states = [gather_c([image], bundled_abi()) for image in (one.before, one.after)]
    subjects = [each.subject for each in losses(*states, [one])]
    said = [f"{each.rule} {each.severity} {each.place.line}" for each in judge(subjects, _rules())]

    assert (said, told((STEP, ERRATUM.format(instead)))) == (found, [])


WEAKER = " \tint at = 0;\n-\t{}\n+\t{}\n \treturn seamldr_call(own->fn, &args);\n }}\n"


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (
            "lockdep_assert_irqs_disabled();",
            "lockdep_assert_preemption_disabled();",
            ["ctx-contract-weakened warning 102"],
        ),
        (
            "guard(raw_spinlock)(&own_lock);",
            "guard(mutex)(&own_lock);",
            ["ctx-contract-weakened warning 102"],
        ),
        ("lockdep_assert_preemption_disabled();", "lockdep_assert_irqs_disabled();", []),
        ("guard(raw_spinlock)(&own_lock);", "guard(raw_spinlock_irqsave)(&own_lock);", []),
    ],
)
def test_what_protects_less_stands_for_nothing_that_protects_more(before, after, found):
    """It was put in the place of it, and is of its kind."""
    one = change((STEP, WEAKER.format(before, after)))
    states = [gather_c([image], bundled_abi()) for image in (one.before, one.after)]
    subjects = [each.subject for each in losses(*states, [one])]

    assert [f"{e.rule} {e.severity} {e.place.line}" for e in judge(subjects, _rules())] == found
