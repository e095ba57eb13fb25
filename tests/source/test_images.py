"""What the hunks of a series show, without a tree."""

from difflib import unified_diff
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdxreview.source.images import walk
from tdxreview.source.model import KnownLine

NEW = "--- /dev/null\n+++ b/f.c\n@@ -0,0 +1,3 @@\n+one\n+two\n+three\n"
EDIT = "--- a/f.c\n+++ b/f.c\n@@ -1,3 +1,4 @@ top\n one\n-two\n+TWO\n+more\n three\n"


def states(series):
    return list(walk(series))


def numbered(image):
    return [(line.number, line.text, line.added_by) for line in image.lines]


def test_a_new_file_is_known_whole(make_series):
    [state] = states(make_series(NEW))
    [change] = state.changes

    assert change.before is None
    assert change.after.whole
    assert numbered(change.after) == [(1, "one", 1), (2, "two", 1), (3, "three", 1)]
    assert [line.diff_line for line in change.after.lines] == [3, 4, 5]


def test_a_later_patch_leaves_the_authors_of_other_lines(make_series):
    _, state = states(make_series(NEW, EDIT))
    [change] = state.changes

    assert numbered(state.images["f.c"]) == [
        (1, "one", 1),
        (2, "TWO", 2),
        (3, "more", 2),
        (4, "three", 1),
    ]
    assert [(line.number, line.text, line.added_by) for line in change.removed] == [(2, "two", 1)]
    assert dict(change.kept) == {1: 1, 4: 3}
    assert change.after.whole


def test_a_file_of_the_tree_is_known_where_hunks_show_it(make_series):
    text = (
        "--- a/f.c\n+++ b/f.c\n"
        "@@ -10,2 +10,3 @@ int f(void)\n a\n+b\n c\n"
        "@@ -30,2 +31,1 @@ int g(void)\n d\n-e\n"
    )
    [change] = states(make_series(text))[0].changes

    assert not change.after.whole
    assert [
        (fragment.start, fragment.text, fragment.section) for fragment in change.after.fragments
    ] == [(10, "a\nb\nc\n", "int f(void)"), (31, "d\n", "int g(void)")]
    assert [(fragment.start, fragment.text) for fragment in change.before.fragments] == [
        (10, "a\nc\n"),
        (30, "d\ne\n"),
    ]


def test_what_an_earlier_patch_showed_moves_with_the_lines_above_it(make_series):
    first = "--- a/f.c\n+++ b/f.c\n@@ -20,1 +20,2 @@\n x\n+y\n"
    second = "--- a/f.c\n+++ b/f.c\n@@ -5,1 +5,3 @@\n a\n+b\n+c\n"
    state = states(make_series(first, second))[1]

    assert numbered(state.images["f.c"]) == [
        (5, "a", None),
        (6, "b", 2),
        (7, "c", 2),
        (22, "x", None),
        (23, "y", 1),
    ]
    assert dict(state.changes[0].kept) == {5: 5, 22: 20, 23: 21}


def test_fragments_that_come_to_touch_become_one(make_series):
    first = "--- a/f.c\n+++ b/f.c\n@@ -5,2 +5,3 @@ s\n a\n+b\n c\n"
    second = "--- a/f.c\n+++ b/f.c\n@@ -7,3 +7,2 @@ t\n c\n-d\n e\n"
    [fragment] = states(make_series(first, second))[1].images["f.c"].fragments

    assert (fragment.start, fragment.text, fragment.section) == (5, "a\nb\nc\ne\n", "s")


def test_a_hunk_that_contradicts_an_earlier_patch_is_believed(make_series):
    """A patch between them is missing."""
    second = "--- a/f.c\n+++ b/f.c\n@@ -2,2 +2,3 @@\n other\n+x\n text\n"
    image = states(make_series(NEW, second))[1].images["f.c"]

    assert not image.whole
    assert numbered(image) == [(2, "other", None), (3, "x", 2), (4, "text", None)]


def test_a_hunk_behind_the_end_of_a_whole_file_is_believed(make_series):
    second = "--- a/f.c\n+++ b/f.c\n@@ -90 +90,2 @@\n far\n+away\n"
    image = states(make_series(NEW, second))[1].images["f.c"]

    assert (image.whole, numbered(image)) == (False, [(90, "far", None), (91, "away", 2)])


def test_white_space_that_mail_changed_contradicts_nothing(make_series):
    first = "--- /dev/null\n+++ b/f.c\n@@ -0,0 +1,2 @@\n+\tone\n+two\n"
    second = "--- a/f.c\n+++ b/f.c\n@@ -1,2 +1,3 @@\n         one\n two\n+three\n"
    image = states(make_series(first, second))[1].images["f.c"]

    assert (image.whole, numbered(image)[0]) == (True, (1, "\tone", 1))


def test_a_rename_takes_the_image_along(make_series):
    rename = "diff --git a/f.c b/g.c\nrename from f.c\nrename to g.c\n"
    state = states(make_series(NEW, rename))[1]
    [change] = state.changes

    assert (change.before.path, change.after.path) == ("f.c", "g.c")
    assert list(state.images) == ["g.c"]
    assert numbered(change.after) == [(1, "one", 1), (2, "two", 1), (3, "three", 1)]
    assert dict(change.kept) == {1: 1, 2: 2, 3: 3}


def test_a_copy_leaves_the_source(make_series):
    copy = "diff --git a/f.c b/g.c\ncopy from f.c\ncopy to g.c\n"

    assert sorted(states(make_series(NEW, copy))[1].images) == ["f.c", "g.c"]


def test_a_deleted_file_goes(make_series):
    gone = "--- a/f.c\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-one\n-two\n-three\n"
    state = states(make_series(NEW, gone))[1]
    [change] = state.changes

    assert (change.after, dict(state.images)) == (None, {})
    assert [line.number for line in change.removed] == [1, 2, 3]


def test_a_deletion_shows_the_whole_pre_image(make_series):
    gone = "--- a/f.c\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-one\n-two\n"

    assert states(make_series(gone))[0].changes[0].before.whole


def test_an_empty_file_that_is_filled_is_whole(make_series):
    header = "diff --git a/f.c b/f.c\nindex e69de29..5626abf 100644\n--- a/f.c\n+++ b/f.c\n"
    text = header + "@@ -0,0 +1 @@\n+one\n"
    [change] = states(make_series(text))[0].changes

    assert (change.before.whole, change.after.whole) == (True, True)


def test_a_truncated_new_file_is_not_whole(make_series):
    [state] = states(make_series(NEW.replace("+1,3", "+1,9")))

    assert not state.images["f.c"].whole
    assert [(item.patch, item.path) for item in state.not_examined] == [(1, "f.c")]


def test_a_hunk_without_context_stands_behind_the_line_it_names(make_series):
    text = "--- a/f.c\n+++ b/f.c\n@@ -2,0 +3 @@\n+new\n"
    image = states(make_series(NEW, text))[1].images["f.c"]

    assert numbered(image) == [(1, "one", 1), (2, "two", 1), (3, "new", 2), (4, "three", 1)]


def test_a_hunk_that_overlaps_another_is_said(make_series):
    hunk = "@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n"
    [state] = states(make_series("--- a/f.c\n+++ b/f.c\n" + hunk + hunk))

    assert [item.reason for item in state.not_examined] == [
        "the hunk overlaps another one (line 7 of the diff)"
    ]


def test_a_quoted_hunk_has_an_image_of_its_own_for_one_patch(make_series):
    quoted = "\n+\tmov $1, %r12\n+\torq %r12, %rax\n"
    first, second = states(make_series(quoted, NEW))

    assert numbered(first.images[""]) == [(2, "\tmov $1, %r12", 1), (3, "\torq %r12, %rax", 1)]
    assert list(second.images) == ["f.c"]


def test_a_binary_file_is_said_and_forgotten(make_series):
    binary = "diff --git a/f.c b/f.c\nBinary files a/f.c and b/f.c differ\n"
    state = states(make_series(NEW, binary))[1]

    assert (state.changes, dict(state.images)) == ((), {})
    assert [item.reason for item in state.not_examined] == [
        "it is a binary file (line 1 of the diff)"
    ]


def test_a_long_file_with_many_patches_takes_no_long_time(make_series):
    new = "--- /dev/null\n+++ b/f.c\n@@ -0,0 +1,10000 @@\n" + "+x\n" * 10_000
    edits = ["--- a/f.c\n+++ b/f.c\n@@ -1 +1,2 @@\n+new\n x\n"] + [
        "--- a/f.c\n+++ b/f.c\n@@ -1 +1,2 @@\n+new\n new\n"
    ] * 199
    series = make_series(new, *edits)
    started = process_time()
    last = states(series)[-1]

    assert process_time() - started < 3
    assert (last.images["f.c"].whole, last.images["f.c"].fragments[0].end) == (True, 10_201)


LINES = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=30)
VERSIONS = st.lists(LINES, min_size=1, max_size=5)


def diff_of(old, new, context):
    lines = unified_diff(old, new, "a/f.c" if old else "/dev/null", "b/f.c", n=context, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def series_of(versions, context):
    pairs = pairwise(versions)
    return [diff for old, new in pairs if (diff := diff_of(old, new, context))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(versions=VERSIONS, context=st.integers(0, 3))
def test_every_known_line_is_the_line_of_the_file(make_series, versions, context):
    """Known or not depends on the hunks; a wrong line is never shown."""
    distinct = [text for at, text in enumerate(versions) if not at or text != versions[at - 1]]
    shown = states(make_series(*series_of(distinct, context)))

    for (old, new), state in zip(pairwise(distinct), shown, strict=True):
        [change] = state.changes
        assert all(old[line.number - 1] == line.text for line in change.before.lines)
        assert all(new[line.number - 1] == line.text for line in change.after.lines)
        assert all(old[before - 1] == new[after - 1] for after, before in change.kept)
        added = {line.number for line in change.added}
        assert added == {line.number for line in change.after.lines} - {at for at, _ in change.kept}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(versions=VERSIONS, context=st.integers(0, 3))
def test_a_file_that_the_series_created_stays_whole(make_series, versions, context):
    distinct = [[], *versions]
    distinct = [text for at, text in enumerate(distinct) if not at or text != distinct[at - 1]]

    for text, state in zip(
        distinct[1:], states(make_series(*series_of(distinct, context))), strict=True
    ):
        image = state.images["f.c"]
        assert image.whole
        assert [line.text for line in image.lines] == text


def test_known_lines_are_shared_between_states(make_series):
    """A long series on a long file keeps one copy of each line."""
    first, second = states(make_series(NEW, EDIT))

    assert second.images["f.c"].fragments[0].known[0] is first.images["f.c"].fragments[0].known[0]
    assert first.images["f.c"].fragments[0].known[0] == KnownLine("one", 1, 3)


SCRAPS = st.sampled_from(
    [
        "diff --git a/f.c b/f.c",
        "diff --git a/f.c b/g.c",
        "rename from f.c",
        "rename to g.c",
        "copy from f.c",
        "copy to h.c",
        "new file mode 100644",
        "deleted file mode 100644",
        "index e69de29..1111111",
        "--- a/f.c",
        "--- /dev/null",
        "+++ b/f.c",
        "+++ /dev/null",
        "Binary files a/f.c and b/f.c differ",
        "Index: f.c",
        "diff --cc m.c",
        "@@ -1,2 +1,3 @@",
        "@@ -2,1 +9,1 @@ f",
        "@@ -0,0 +1 @@",
        "@@ -5 +4,0 @@",
        "@@ -999999999,9 +0,0 @@",
        "@@ -0,0 +0,0 @@",
        "@@ broken @@",
        "\\ No newline at end of file",
        "-- ",
        "2.39.2",
        " a",
        "+a",
        "-a",
        "a",
        "\ta",
        "",
        "\xa0a",
        "+" + "long " * 16,
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(patches=st.lists(st.lists(SCRAPS, max_size=25), max_size=4))
def test_no_text_makes_it_fail(make_series, patches):
    """Whatever comes, the lines of an image stand in order, each once."""
    for state in states(make_series(*("\n".join(lines) for lines in patches))):
        for change in state.changes:
            for image in (change.before, change.after):
                numbers = [line.number for line in image.lines] if image else []
                assert numbers == sorted(set(numbers))


def unexamined(series):
    return [(item.path, item.reason) for state in walk(series) for item in state.not_examined]


def moved(kind, old, new):
    head = f"diff --git a/{old} b/{new}\nsimilarity index 100%\n"
    return f"{head}{kind} from {old}\n{kind} to {new}\n"


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("copy", "a.c", "b.c", "a copy of a.c"),
        ("rename", "a.txt", "b.c", "renamed from a.txt"),
        ("rename", "a.c", "a.inc", "renamed from a.c"),
        ("rename", "a.inc", "a.c", "renamed from a.inc"),
        ("rename", "a.S", "a.s", "renamed from a.S"),
        ("rename", "a.S", "a.S.in", "renamed from a.S"),
    ],
)
def test_text_that_becomes_code_and_is_not_shown_is_said(make_series, kind, old, new, said):
    assert unexamined(make_series(moved(kind, old, new))) == [
        (new, f"it is {said}, and the patch does not show its text")
    ]


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("rename", "a.c", "b.c"),
        ("rename", "a.c", "a.h"),
        ("rename", "a.S", "b.S"),
        ("rename", "a.inc", "b.inc"),
        ("copy", "a.txt", "b.rst"),
    ],
)
def test_a_file_that_stays_what_it_was_needs_no_word(make_series, kind, old, new):
    assert unexamined(make_series(moved(kind, old, new))) == []


def test_a_copy_of_what_the_series_shows_is_known(make_series):
    assert unexamined(make_series(NEW, moved("copy", "f.c", "g.c"))) == []


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("new file mode 120000", "a symbolic link"),
        ("index 1111111..2222222 120000", "a symbolic link"),
        ("index 1111111..2222222 160000", "a submodule"),
    ],
)
def test_what_is_no_regular_file_is_said(make_series, header, said):
    text = f"diff --git a/l.c b/l.c\n{header}\n--- a/l.c\n+++ b/l.c\n@@ -1 +1 @@\n-x.c\n+y.c\n"

    assert unexamined(make_series(text)) == [
        ("l.c", f"it is {said}, and what it leads to is not read (line 1 of the diff)")
    ]
