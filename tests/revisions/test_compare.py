from tdxreview.revisions.compare import compare
from tdxreview.revisions.model import By, Fate

HELPER = {"tdx.c": ["+static int lp_start(void)", "+{", "+\treturn seamcall(LP_INIT);", "+}"]}
CALLER = {"cpu.c": ["-\treturn 0;", "+\treturn lp_start();"]}
HEADER = {"tdx.h": ["+#define LP_INIT 35", "+#define LP_SHUTDOWN 44"]}


def fates(old, new):
    return [(pair.old, pair.new, pair.fate) for pair in compare(old, new).pairs]


def test_a_resent_series_is_unchanged(make_series):
    series = (("tdx: Add it", HELPER), ("tdx: Call it", CALLER))

    assert fates(make_series(*series), make_series(*series, revision=2)) == [
        ((1,), (1,), Fate.UNCHANGED),
        ((2,), (2,), Fate.UNCHANGED),
    ]


def test_a_rebase_changes_no_patch(make_series):
    """Context lines and line numbers are not what a patch does."""
    moved = {"cpu.c": [" int other;", *CALLER["cpu.c"], " }"]}

    pair = compare(make_series(("a: b", CALLER)), make_series(("a: b", moved))).pairs[0]

    assert (pair.fate, pair.by, pair.interdiff) == (Fate.UNCHANGED, By.DIFF, ())


def test_a_patch_that_keeps_its_subject_is_the_same_patch(make_series):
    later = {"cpu.c": ["-\treturn 0;", "+\treturn lp_start() ? -EIO : 0;"]}

    pair = compare(
        make_series(("tdx: Call it", CALLER)), make_series(("tdx: Call it", later), revision=2)
    ).pairs[0]

    assert (pair.fate, pair.by) == (Fate.CHANGED, By.SUBJECT)
    assert [(each.side, each.line.sign, each.line.text) for each in pair.interdiff[0].lines] == [
        ("-", "+", "\treturn lp_start();"),
        ("+", "+", "\treturn lp_start() ? -EIO : 0;"),
    ]


def test_another_prefix_is_the_same_subject(make_series):
    later = {"cpu.c": ["+\tbug();"]}

    pair = compare(
        make_series(("x86/tdx: Call it early", CALLER)),
        make_series(("x86/virt/tdx: Call it early", later), revision=2),
    ).pairs[0]

    assert (pair.old, pair.new, pair.by) == ((1,), (1,), By.SUBJECT)


def test_the_diff_counts_more_than_the_subject(make_series):
    """Two patches swapped their subjects."""
    assert fates(
        make_series(("a: One thing", HELPER), ("a: Other thing", CALLER)),
        make_series(("a: Other thing", HELPER), ("a: One thing", CALLER), revision=2),
    ) == [((1,), (1,), Fate.UNCHANGED), ((2,), (2,), Fate.UNCHANGED)]


def test_the_change_id_counts_most(make_series):
    """Neither subject nor diff is what it was."""
    said = "Why.\n\nChange-Id: I0123456789"

    pair = compare(
        make_series(("a: One", HELPER, said)), make_series(("b: Two", CALLER, said), revision=2)
    ).pairs[0]

    assert (pair.fate, pair.by) == (Fate.CHANGED, By.CHANGE_ID)


def test_a_patch_with_new_subject_and_little_change_is_found_by_likeness(make_series):
    later = {"tdx.c": [*HELPER["tdx.c"][:2], "+\t/* per CPU */", *HELPER["tdx.c"][2:]]}

    pair = compare(
        make_series(("tdx: Add a helper", HELPER)),
        make_series(("x86: Start TDX on one CPU", later), revision=2),
    ).pairs[0]

    assert (pair.old, pair.fate, pair.by) == ((1,), Fate.CHANGED, By.LIKENESS)


def test_new_and_dropped_patches_are_told(make_series):
    assert fates(
        make_series(("tdx: Add it", HELPER), ("tdx: Drop me here", CALLER)),
        make_series(("x86: Define leaves", HEADER), ("tdx: Add it", HELPER), revision=2),
    ) == [
        ((), (1,), Fate.NEW),
        ((1,), (2,), Fate.UNCHANGED),
        ((2,), (), Fate.DROPPED),
    ]


def test_a_patch_in_two_halves_was_split(make_series):
    assert fates(
        make_series(("tdx: Add and define it", HELPER | HEADER)),
        make_series(
            ("x86: Leaf numbers first", HEADER), ("tdx: Add and define it", HELPER), revision=2
        ),
    ) == [((1,), (1, 2), Fate.SPLIT)]


def test_two_patches_in_one_were_merged(make_series):
    assert fates(
        make_series(("x86: Leaf numbers first", HEADER), ("tdx: Add and define it", HELPER)),
        make_series(("tdx: Add and define it", HELPER | HEADER), revision=2),
    ) == [((1, 2), (1,), Fate.MERGED)]


def test_the_same_patch_twice_is_matched_in_order(make_series):
    twice = (("a: Same thing", HELPER), ("a: Same thing", HELPER))

    assert [
        (pair.old, pair.new) for pair in compare(make_series(*twice), make_series(*twice)).pairs
    ] == [((1,), (1,)), ((2,), (2,))]


def test_a_file_under_another_name_is_one_file(make_series):
    later = {"host/tdx.c": [*HELPER["tdx.c"], "+/* end */"]}

    pair = compare(
        make_series(("tdx: Add it", HELPER)), make_series(("tdx: Add it", later), revision=2)
    ).pairs[0]

    delta = pair.interdiff[0]
    assert (delta.path, delta.old_path, delta.count("+"), delta.count("-")) == (
        "host/tdx.c",
        "tdx.c",
        1,
        0,
    )


def test_a_reworded_message_is_told_apart_from_code(make_series):
    one = make_series(("a: b c", HELPER, "It is slow.\n\nReviewed-by: A <a@b.c>"))
    refilled = make_series(("a: b c", HELPER, "It is\nslow."), revision=2)
    reworded = make_series(("a: b c", HELPER, "It was slow."), revision=2)

    assert [compare(one, each).pairs[0].message_changed for each in (refilled, reworded)] == [
        False,
        True,
    ]
    assert compare(one, reworded).pairs[0].fate is Fate.UNCHANGED


def test_what_a_patch_became_can_be_asked_from_both_ends(make_series):
    comparison = compare(
        make_series(("tdx: Add and define it", HELPER | HEADER)),
        make_series(
            ("x86: Leaf numbers first", HEADER), ("tdx: Add and define it", HELPER), revision=2
        ),
    )

    assert [patch.position for patch in comparison.successors(1)] == [1, 2]
    assert [patch.position for patch in comparison.origins(2)] == [1]
