"""A series applied in memory gives what git gives."""

import subprocess
from difflib import unified_diff

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from tdxreview.source.apply import applied


class FakeTree:
    """A tree of given texts."""

    name = "v6.12"

    def __init__(self, files):
        self.read = files.get
        self.why_unread = {"pipe.c": "is a pipe, no regular file"}.get


BASE = "".join(f"line {number}\n" for number in range(1, 21))
EDIT = "--- a/f.c\n+++ b/f.c\n@@ -9,3 +9,4 @@ s\n line 9\n-line 10\n+ten\n+more\n line 11\n"


def text(image):
    return "".join(fragment.text for fragment in image.fragments)


def states(series, **files):
    names = {f"{name}.c": content for name, content in files.items()}
    return list(applied(series, FakeTree(names)))


def test_the_images_are_whole(make_series):
    [state] = states(make_series(EDIT), f=BASE)
    [change] = state.changes

    assert state.problem is None
    assert (change.before.whole, change.after.whole) == (True, True)
    assert text(state.images["f.c"]) == BASE.replace("line 10\n", "ten\nmore\n")
    assert [(line.number, line.text, line.diff_line) for line in change.added] == [
        (10, "ten", 5),
        (11, "more", 6),
    ]
    assert [(line.number, line.text) for line in change.removed] == [(10, "line 10")]
    assert (change.kept.before(9), change.kept.before(12), change.kept.before(21)) == (9, 11, 20)


def test_a_hunk_is_found_at_an_offset(make_series):
    [state] = states(make_series(EDIT), f="new\n" * 5 + BASE)

    assert [line.number for line in state.changes[0].added] == [15, 16]


def test_of_two_places_the_nearest_is_taken_and_below_before_above(make_series):
    part = "line 9\nline 10\nline 11\n"
    [state] = states(make_series(EDIT), f="x\n" * 6 + part + "y\n" + part + "z\n" * 3)

    assert [line.number for line in state.changes[0].added] == [12, 13]


def test_a_hunk_does_not_fit_on_lines_that_an_earlier_one_touched(make_series):
    first = "--- a/f.c\n+++ b/f.c\n@@ -2,2 +2,3 @@\n two\n+new\n last\n"
    [state] = states(make_series(first + "@@ -4,2 +5,3 @@\n last\n+x\n last\n"), f="1\ntwo\nlast\n")

    assert state.problem == "patch failed: f.c:4: f.c: patch does not apply"


def test_each_patch_is_applied_to_what_the_one_before_left(make_series):
    second = EDIT.replace("-line 10\n+ten\n+more\n", "-ten\n+TEN\n more\n").replace(
        "-9,3 +9,4", "-9,4 +9,4"
    )
    _, state = states(make_series(EDIT, second), f=BASE)

    assert text(state.images["f.c"]) == BASE.replace("line 10\n", "TEN\nmore\n")
    assert [line.added_by for line in state.images["f.c"].lines][8:12] == [None, 2, 1, None]


def test_a_patch_that_does_not_fit_is_said_in_the_words_of_git(make_series):
    [state] = states(make_series(EDIT), f=BASE.replace("line 10", "other"))
    [change] = state.changes

    assert state.problem == "patch failed: f.c:9: f.c: patch does not apply"
    assert not change.after.whole
    assert [(fragment.start, fragment.text) for fragment in change.after.fragments] == [
        (9, "line 9\nten\nmore\nline 11\n")
    ]
    [missed] = state.not_examined
    assert (missed.patch, missed.reason) == (
        1,
        f"the patch does not apply to v6.12 ({state.problem}); only its hunks were read",
    )


def test_a_patch_fits_as_a_whole_or_not_at_all(make_series):
    first = "--- a/g.c\n+++ b/g.c\n@@ -1 +1 @@\n-one\n+two\n"
    state, after = states(make_series(first + EDIT, first), f="", g="one\n")

    assert (state.problem, after.problem) == (
        "patch failed: f.c:9: f.c: patch does not apply",
        None,
    )
    assert text(after.images["g.c"]) == "two\n"


def test_what_a_misfit_creates_is_known_to_the_next_misfit(make_series):
    new = "--- /dev/null\n+++ b/n.c\n@@ -0,0 +1,2 @@\n+one\n+two\n"
    edit = "--- a/n.c\n+++ b/n.c\n@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n"
    _, state = states(make_series(new + EDIT, edit), f="")

    assert state.problem == "n.c: No such file or directory"
    assert [line.added_by for line in state.images["n.c"].lines] == [1, 2]


@pytest.mark.parametrize(
    ("diff", "problem"),
    [
        (EDIT.replace("f.c", "none.c"), "none.c: No such file or directory"),
        (
            "--- /dev/null\n+++ b/f.c\n@@ -0,0 +1 @@\n+x\n",
            "f.c: already exists in working directory",
        ),
        (
            "diff --git a/f.c b/g.c\nrename from f.c\nrename to g.c\n",
            "g.c: already exists in working directory",
        ),
        (
            "--- a/f.c\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-line 1\n-line 2\n",
            "patch failed: f.c:1: f.c: patch does not apply",
        ),
        (EDIT.replace("f.c", "../f.c"), "corrupt patch at line 1: the path leads out of the tree"),
        ("+quoted\n", "patch fragment without header"),
    ],
)
def test_reasons_for_not_applying(make_series, diff, problem):
    assert states(make_series(diff), f=BASE, g="x\n")[0].problem == problem


def test_a_rename_with_an_edit(make_series):
    rename = "diff --git a/f.c b/h.c\nrename from f.c\nrename to h.c\n"
    [state] = states(make_series(rename + EDIT.replace("b/f.c", "b/h.c")), f=BASE)

    assert list(state.images) == ["h.c"]
    assert text(state.images["h.c"]) == BASE.replace("line 10\n", "ten\nmore\n")


def test_a_deleted_file_goes(make_series):
    gone = "--- a/f.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    [state] = states(make_series(gone), f="x\n")

    assert (state.problem, state.changes[0].after, dict(state.images)) == (None, None, {})


def test_damaged_white_space_is_forgiven_where_the_mail_is_known_to_be_damaged(make_series):
    series = make_series("--- a/f.c\n+++ b/f.c\n@@ -1,2 +1,2 @@\n         one\n-two\n+three\n")
    lossy = structs.replace(series, patches=(structs.replace(series.patches[0], lossy=True),))

    assert states(series, f="\tone\ntwo\n")[0].problem is not None
    assert text(states(lossy, f="\tone\ntwo\n")[0].images["f.c"]) == "\tone\nthree\n"


LINES = st.lists(st.sampled_from("abcd"), min_size=1, max_size=25)


@st.composite
def edited(draw, lines):
    result = list(draw(lines) if callable(lines) else lines)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(result)))
        removed = draw(st.integers(0, 2))
        result[at : at + removed] = draw(st.lists(st.sampled_from("abcdxyz"), max_size=3))
    return result


@st.composite
def cases(draw):
    base = draw(LINES)
    return draw(edited(base)), base, draw(edited(base)), draw(st.integers(1, 3))


def applied_by_git(directory, content, diff):
    (directory / "f.c").write_text(content)
    done = subprocess.run(
        ["git", "apply"], input=diff, text=True, cwd=directory, capture_output=True, check=False
    )
    return (directory / "f.c").read_text() if done.returncode == 0 else None


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
@given(case=cases())
def test_the_result_is_that_of_git_apply(make_series, tmp_path, case):
    """Few different lines make many places where a hunk nearly fits."""
    tree, old, new, context = case
    content = "".join(f"{line}\n" for line in tree)
    lines = unified_diff(old, new, "a/f.c", "b/f.c", n=context, lineterm="")
    diff = "".join(f"{line}\n" for line in lines)
    if not diff:
        return
    [state] = states(make_series(diff), f=content)
    ours = None if state.problem else text(state.images["f.c"])

    assert ours == applied_by_git(tmp_path, content, diff)
