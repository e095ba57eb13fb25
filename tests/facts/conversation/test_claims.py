import pytest

from tdxreview.facts.conversation.bearing import bearing
from tdxreview.facts.conversation.claims import claims
from tdxreview.facts.conversation.schema import Borne, Says

ADDED = ["+static int tdx_wait(void)", "+{", "+\treturn -EBUSY;", "+}"]


def claimed(patch):
    return [(words.says, words.name) for words in claims(patch)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Add tdx_wait() for the next patch.", [(Says.ADDS, "tdx_wait")]),
        ("Introduce a helper tdx_wait().", [(Says.ADDS, "tdx_wait")]),
        ("Define TDX_WAIT_MAX, and say so.", [(Says.ADDS, "TDX_WAIT_MAX")]),
        ("Remove the static function tdx_wait().", [(Says.REMOVES, "tdx_wait")]),
        ("Use tdx_wait() instead of a loop.", [(Says.USES, "tdx_wait")]),
        ("Return -EAGAIN when it is busy.", [(Says.RETURNS, "-EAGAIN")]),
        ("Take the wait_lock around it.", [(Says.LOCKS, "wait_lock")]),
        (
            "Slow.\n\n - Add tdx_wait().\n - Drop tdx_spin().",
            [
                (Says.ADDS, "tdx_wait"),
                (Says.REMOVES, "tdx_spin"),
            ],
        ),
        ("It broke. Add tdx_wait() to mend\nit.", [(Says.ADDS, "tdx_wait")]),
        ("No functional change intended.", [(Says.KEEPS_BEHAVIOUR, "")]),
        ("No functional changes.", [(Says.KEEPS_BEHAVIOUR, "")]),
        ("There is no change in behaviour.", [(Says.KEEPS_BEHAVIOUR, "")]),
    ],
)
def test_what_a_message_says_in_the_imperative_is_a_claim(make_patch, text, found):
    assert claimed(make_patch(text=text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "tdx_wait() returns -EAGAIN when it is busy.",
        "Callers add tdx_wait() themselves.",
        "Add support for waiting.",
        "Add TDX_WAIT support.",
        "Add tdx_wait*() helpers.",
        "Add the tdx_wait() callback to the table.",
        "Use the new one.",
        "Take care.",
        "Return early.",
        "Add wait_count for it.",
        "Rename field to improve it.",
        "No functional change but for the printed text.",
        "Reported: Add tdx_wait() was missing",
        "Signed-off-by: Add tdx_wait() <a@b.c>",
        "    Add tdx_wait() here",
    ],
)
def test_what_is_told_or_only_named_in_passing_is_no_claim(make_patch, text):
    assert claimed(make_patch(text=text)) == []


def test_a_title_that_moves_code_is_a_claim(make_patch):
    assert claimed(make_patch("x86/tdx: Move the loop to its users")) == [(Says.MOVES, "")]


def test_a_title_that_only_speaks_of_movement_is_none(make_patch):
    assert claimed(make_patch("x86/tdx: Let the loop move on")) == []


def test_a_rename_names_both(make_patch):
    assert claimed(make_patch("x86/tdx: Rename tdx_wait() to tdx_await()")) == [
        (Says.RENAMES, ""),
        (Says.ADDS, "tdx_await"),
    ]


def test_a_rename_among_other_things_is_about_the_name_only(make_patch):
    text = "Rename tdx_wait() to tdx_await() for that."

    assert claimed(make_patch(text=text)) == [(Says.ADDS, "tdx_await")]


@pytest.mark.parametrize(
    "heading", ["v2:", "Changes in v3:", "Changelog:", "v1 -> v2:", "Changes since v2"]
)
def test_a_changelog_in_the_message_claims_nothing(make_patch, heading):
    assert claimed(make_patch(text=f"It is slow.\n\n{heading}\n - Add tdx_wait().")) == []


def borne(patch):
    return [bearing(words, patch).borne for words in claims(patch)]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Add tdx_wait() for later.", Borne.YES),
        ("Add tdx_await() for later.", Borne.NO),
        ("Remove tdx_wait().", Borne.NO),
        ("Return -EBUSY if it is so.", Borne.YES),
        ("Return -EAGAIN if it is so.", Borne.NO),
        ("Take some_lock for it.", Borne.UNKNOWN),
    ],
)
def test_the_diff_bears_a_claim_out_or_not(make_patch, text, verdict):
    assert borne(make_patch(text=text, lines=ADDED)) == [verdict]


def test_a_name_in_the_context_alone_proves_nothing(make_patch):
    patch = make_patch(text="Remove tdx_wait() for good.", lines=["\ttdx_wait();", "-\tspin();"])

    assert borne(patch) == [Borne.UNKNOWN]


def test_an_errno_is_no_contradiction_where_none_is_returned(make_patch):
    patch = make_patch(text="Return -EAGAIN if it is so.", lines=["+\treturn tdx_wait();"])

    assert borne(patch) == [Borne.UNKNOWN]


def test_another_lock_than_the_one_that_is_named_is_a_contradiction(make_patch):
    patch = make_patch(text="Take wait_lock for it.", lines=["+\tmutex_lock(&other);"])

    assert borne(patch) == [Borne.NO]


def test_a_leaf_is_one_name_however_it_is_spelled(make_patch):
    patch = make_patch(text="Add tdh_sys_wait() for later.", lines=["+#define TDH_SYS_WAIT 9"])

    assert borne(patch) == [Borne.YES]


def test_a_diff_that_was_not_read_whole_contradicts_nothing(make_patch):
    patch = make_patch(text="Add tdx_await() for later.", diff="Binary files a/x and b/x differ\n")

    assert borne(patch) == [Borne.UNKNOWN]
