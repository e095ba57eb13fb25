import pytest

from tdxreview.revisions.compare import compare
from tdxreview.revisions.fates import LineFate, Spot, line_fate, message_fate, patch_fate, text_fate

STOP = ["+static void lp_stop(void)", "+{", "+\tseamcall(LP_SHUTDOWN);", "+}"]
INIT = [" static int init(void)", " {", "+\tarm();", " \treturn 0;", " }"]
HEADER = ["+#define LP_SHUTDOWN 44", " ", "+#define LP_INIT 35"]


def became(make_series, before, after, spot):
    """Give the fate of a line in a series of one patch."""
    old, new = make_series(("tdx: Stop it", before)), make_series(("tdx: Stop it", after))
    return line_fate(compare(old, new), 1, spot)


def test_a_line_of_an_untouched_function_is_the_same(make_series):
    before = {"tdx.c": STOP, "tdx.h": HEADER}
    after = {"tdx.c": STOP, "tdx.h": [HEADER[0]]}

    assert became(make_series, before, after, Spot(path="tdx.c", line=12)) is LineFate.SAME


def test_a_line_whose_function_changed_is_near_the_change(make_series):
    after = {"tdx.c": [*STOP[:2], "+\t/* once per CPU */", *STOP[2:]]}

    assert became(make_series, {"tdx.c": STOP}, after, Spot(path="tdx.c", line=12)) is LineFate.NEAR


def test_a_line_that_is_not_there_any_more_was_changed(make_series):
    after = {"tdx.c": [*STOP[:2], "+\treturn seamcall(LP_SHUTDOWN);", "+}"]}

    assert (
        became(make_series, {"tdx.c": STOP}, after, Spot(path="tdx.c", line=12)) is LineFate.CHANGED
    )


def test_a_function_that_moved_to_another_file_is_the_same(make_series):
    after = {"host.c": STOP, "tdx.h": HEADER}

    assert became(make_series, {"tdx.c": STOP}, after, Spot(path="tdx.c", line=12)) is LineFate.SAME


def test_a_function_that_another_patch_brings_now_is_the_same(make_series):
    old = make_series(("tdx: Stop it", {"tdx.c": STOP, "tdx.h": HEADER}))
    new = make_series(("tdx: Split off", {"tdx.c": STOP}), ("tdx: Stop it", {"tdx.h": HEADER}))

    assert line_fate(compare(old, new), 1, Spot(path="tdx.c", line=12)) is LineFate.SAME


def test_lines_outside_of_functions_go_with_their_run(make_series):
    after = {"tdx.h": [HEADER[0], " ", "+#define LP_INIT 36"]}
    before = {"tdx.h": HEADER}

    fates = [became(make_series, before, after, Spot(path="tdx.h", line=n)) for n in (10, 12)]

    assert fates == [LineFate.SAME, LineFate.CHANGED]


def test_a_context_line_goes_with_its_function(make_series):
    later = [*INIT[:2], "+\tarm_all();", *INIT[3:]]
    spot = Spot(path="tdx.c", line=13)

    assert became(make_series, {"tdx.c": INIT, "a.c": ["+b"]}, {"tdx.c": INIT}, spot) is (
        LineFate.SAME
    )
    assert became(make_series, {"tdx.c": INIT}, {"tdx.c": later}, spot) is LineFate.CHANGED


def test_the_quote_counts_where_the_line_number_is_off(make_series):
    """Quotes are trimmed and rewrapped, so the count is only a hint."""
    after = {"tdx.c": [*STOP[:2], "+\treturn seamcall(LP_SHUTDOWN);", "+}"]}
    spot = Spot(path="tdx.c", line=11, quote="> +\tseamcall(LP_SHUTDOWN);")

    assert became(make_series, {"tdx.c": STOP}, after, spot) is LineFate.CHANGED


def test_a_line_that_is_not_in_the_patch_is_unknown(make_series):
    spot = Spot(path="tdx.c", line=700)

    assert became(make_series, {"tdx.c": STOP}, {"tdx.c": STOP[:3]}, spot) is LineFate.UNKNOWN


def test_a_line_of_a_dropped_patch_is_dropped(make_series):
    old = make_series(("tdx: Stop it", {"tdx.c": STOP}))
    new = make_series(("x86: Something other", {"a.c": ["+int a;"]}))

    assert line_fate(compare(old, new), 1, Spot(path="tdx.c", line=12)) is LineFate.DROPPED
    assert patch_fate(compare(old, new), 1) is LineFate.DROPPED


@pytest.mark.parametrize(
    ("new", "fate"),
    [
        ("First.\n\nThe BIOS\nmay lie. So check it.", LineFate.SAME),
        ("First.\n\nThe BIOS may lie. Check.", LineFate.NEAR),
        ("First.", LineFate.CHANGED),
    ],
)
def test_prose_is_followed_by_paragraphs(new, fate):
    assert (
        text_fate("First.\n\nThe BIOS may lie.\nSo check it.", new, "> The BIOS may lie.") is fate
    )


def test_a_line_that_the_message_never_had_is_unknown():
    assert text_fate("First.", "First.", "Second.") is LineFate.UNKNOWN


def test_commit_messages_are_followed_through_the_pair(make_series):
    old = make_series(("tdx: Stop it", {"tdx.c": STOP}, "It is slow."))
    new = make_series(("tdx: Stop it", {"tdx.c": STOP}, "It is right."))

    assert message_fate(compare(old, new), 1, "It is slow.") is LineFate.CHANGED


def test_cosmetics_leave_a_patch_the_same(make_series):
    after = {"tdx.c": ["+#include <linux/cpu.h>", " ", *STOP]}

    old, new = make_series(("a: b c", {"tdx.c": STOP})), make_series(("a: b c", after))

    assert patch_fate(compare(old, new), 1) is LineFate.SAME


def test_a_new_call_changes_a_patch(make_series):
    old = make_series(("a: b c", {"tdx.c": STOP}))
    new = make_series(("a: b c", {"tdx.c": [*STOP[:3], "+\twbinvd();", "+}"]}))

    assert patch_fate(compare(old, new), 1) is LineFate.CHANGED


@pytest.mark.parametrize(
    ("trailer", "fate"),
    [
        ('Fixes: 0123456789ab ("a: b")', LineFate.CHANGED),
        ("Cc: stable@vger.kernel.org", LineFate.CHANGED),
        ("Reviewed-by: A B <a@b.c>", LineFate.SAME),
    ],
)
def test_a_tag_that_was_asked_for_changes_a_patch(make_series, trailer, fate):
    old = make_series(("a: b c", {"tdx.c": STOP}, "Why."))
    new = make_series(("a: b c", {"tdx.c": STOP}, f"Why.\n\n{trailer}"))

    assert patch_fate(compare(old, new), 1) is fate


def test_a_line_that_was_only_indented_is_not_the_same(make_series):
    """Somebody may have asked for it."""
    after = {"tdx.c": [*STOP[:2], "+\t\tseamcall(LP_SHUTDOWN);", "+}"]}

    assert became(make_series, {"tdx.c": STOP}, after, Spot(path="tdx.c", line=12)) is LineFate.NEAR


def test_a_run_that_moved_in_its_file_is_not_the_same(make_series):
    before = {"tdx.h": ["#define ONE 1", "+#define TWO 2", "#define THREE 3"]}
    after = {"tdx.h": ["#define ONE 1", "#define THREE 3", "+#define TWO 2"]}

    assert became(make_series, before, after, Spot(path="tdx.h", line=11)) is LineFate.NEAR
