"""A line followed through a series: with its shifts, renames, copies and ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdxreview.source.apply import applied
from tdxreview.source.directory import DirectoryTree
from tdxreview.source.follow import Spot, back, onward
from tdxreview.source.images import walk
from tdxreview.source.model import KeptRun, LineMap

NEW = "--- /dev/null\n+++ b/f.c\n@@ -0,0 +1,3 @@\n+one\n+two\n+three\n"
ABOVE = "--- a/f.c\n+++ b/f.c\n@@ -1,3 +1,5 @@\n+zero\n+half\n one\n two\n three\n"
WITHOUT_TWO = "--- a/f.c\n+++ b/f.c\n@@ -2,4 +2,3 @@\n half\n one\n-two\n three\n"
RENAME = (
    "diff --git a/f.c b/g.c\nsimilarity index 90%\nrename from f.c\nrename to g.c\n"
    "--- a/f.c\n+++ b/g.c\n@@ -1,5 +1,6 @@\n+top\n zero\n half\n one\n two\n three\n"
)
COPY = RENAME.replace("rename", "copy")
GONE = "--- a/f.c\n+++ /dev/null\n@@ -1,5 +0,0 @@\n-zero\n-half\n-one\n-two\n-three\n"


def states(make_series, *diffs):
    return list(walk(make_series(*diffs)))


@pytest.mark.parametrize(
    ("later", "last"),
    [
        ((), Spot("f.c", 2)),
        ((ABOVE,), Spot("f.c", 4)),
        ((ABOVE, WITHOUT_TWO), None),
        ((ABOVE, RENAME), Spot("g.c", 5)),
        ((ABOVE, COPY), Spot("f.c", 4)),
        ((ABOVE, GONE), None),
    ],
    ids=["last", "shifted", "taken away", "renamed", "copied", "deleted"],
)
def test_a_line_goes_on_to_where_later_patches_put_it(make_series, later, last):
    _first, *rest = states(make_series, NEW, *later)

    assert onward(Spot("f.c", 2), rest) == last


@pytest.mark.parametrize(
    ("spot", "first"),
    [
        (Spot("g.c", 5), Spot("f.c", 2)),
        (Spot("g.c", 2), None),
        (Spot("g.c", 1), None),
        (Spot("elsewhere.c", 7), Spot("elsewhere.c", 7)),
    ],
)
def test_a_line_goes_back_to_where_it_was_before_later_patches(make_series, spot, first):
    _first, *rest = states(make_series, NEW, ABOVE, RENAME)

    assert back(spot, rest) == first


def test_a_patch_that_does_not_apply_moves_nothing(make_series, tmp_path):
    (tmp_path / "f.c").write_text("one\ntwo\nthree\n")
    misfit = ABOVE.replace(" one", " eins")
    first, second = applied(make_series(misfit, ABOVE), DirectoryTree(tmp_path))

    assert (bool(first.problem), second.problem) == (True, None)
    assert onward(Spot("f.c", 2), [first, second]) == Spot("f.c", 4)
    assert back(Spot("f.c", 4), [first, second]) == Spot("f.c", 2)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 4)), max_size=6))
def test_forth_and_back_is_where_it_was(gaps):
    runs, after, before = [], 1, 1
    for added, removed, kept in gaps:
        after, before = after + added, before + removed
        runs.append(KeptRun(after, before, kept))
        after, before = after + kept, before + kept
    line_map = LineMap(tuple(runs))

    assert all(line_map.after(old) == new for new, old in line_map)
    kept_lines = {old for _, old in line_map}
    assert all(line_map.after(old) is None for old in range(before + 2) if old not in kept_lines)
