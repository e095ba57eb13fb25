"""Who is to blame: each test is a patch of a few lines, with the findings around it."""

import pytest

from tdxreview.review.blame import blame
from tdxreview.rules.matching import judge
from tdxreview.rules.model import Origin
from tdxreview.source.model import Change, KeptRun, LineMap
from tdxreview.source.place import Step
from tdxreview.source.text import change_of_texts, image_of_text


@pytest.fixture
def find(make_rules, make_site):
    """Give a finding on a line, about a site with these fields."""
    rules = make_rules()

    def find(line, **fields):
        (finding,) = judge([make_site(line, **fields)], rules)
        return finding

    return find


def origins(before, after, *changes):
    return [finding.origin for finding in blame(before, after, changes)]


def patch(before, after, path="a.c"):
    return change_of_texts(path, before, after)


def test_a_finding_on_an_added_line_is_new(find):
    assert origins([], [find(2)], patch("a\n", "a\nb\n")) == [Origin.NEW]


def test_all_of_a_new_file_is_new(find):
    assert origins([], [find(1)], patch(None, "a\n")) == [Origin.NEW]


def test_a_finding_that_an_untouched_line_had_before_is_existing(find):
    assert origins([find(1)], [find(2)], patch("a\n", "new\na\n")) == [Origin.EXISTING]


def test_a_finding_that_an_untouched_line_had_not_before_is_affected(find):
    """The check after it was taken away."""
    change = patch("call\ncheck\n", "call\n")

    assert origins([], [find(1)], change) == [Origin.AFFECTED]


def test_a_changed_line_is_new_even_if_it_was_wrong_before(find):
    change = patch("a = call(x)\n", "a = call(x) & mask\n")

    assert origins([find(1)], [find(1)], change) == [Origin.NEW]


def test_a_line_in_which_names_are_exchanged_is_existing_if_it_was_wrong_before(find):
    change = patch("a = call(x)\n", "b = call(y)\n")

    assert origins([find(1)], [find(1)], change) == [Origin.EXISTING]


def test_a_line_carried_elsewhere_with_its_finding_is_moved(find):
    change = patch("call\nx\ny\nz\n", "x\ny\nz\n\t\tcall\n")

    assert origins([find(1)], [find(4)], change) == [Origin.MOVED]


def test_a_line_carried_elsewhere_that_was_right_before_is_new(find):
    change = patch("call\nx\ny\nz\n", "x\ny\nz\ncall\n")

    assert origins([], [find(4)], change) == [Origin.NEW]


def test_one_line_taken_away_accounts_for_one_added(find):
    change = patch("call\nx\ny\nz\n", "x\ny\nz\ncall\ncall\n")

    assert origins([find(1)], [find(4), find(5)], change) == [Origin.MOVED, Origin.NEW]


def test_a_line_is_moved_from_file_to_file(find):
    away = patch("x\ncall\n", "x\n", "a.c")
    here = patch("y\n", "y\ncall\n", "b.c")

    assert origins([find(2)], [find(2, path="b.c")], away, here) == [Origin.MOVED]


def test_a_line_is_moved_out_of_a_deleted_file(find):
    image = image_of_text("a.c", "call\n")
    away = Change(patch=1, before=image, after=None, kept=LineMap(), removed=tuple(image.lines))

    assert origins([find(1)], [find(1, path="b.c")], away, patch(None, "call\n", "b.c")) == [
        Origin.MOVED
    ]


def test_a_statement_with_an_added_line_in_it_is_new_if_it_was_right_before(find):
    change = patch("call(a,\nb);\n", "call(a,\nc);\n")

    assert origins([], [find(1, end_line=2)], change) == [Origin.NEW]


def test_a_statement_with_an_added_line_in_it_is_existing_if_it_was_wrong_before(find):
    change = patch("call(a,\nb);\n", "call(a,\nc);\n")

    assert origins([find(1)], [find(1, end_line=2)], change) == [Origin.EXISTING]


def test_a_finding_that_hangs_on_an_added_line_is_affected(find):
    """`u64 err` became `int err`; the call is as it was."""
    change = patch("u64 err;\nerr = call();\n", "int err;\nerr = call();\n")
    evidence = (("status_use", (Step("a.c", 1, "err has 32 bits"),)),)

    assert origins([], [find(2, evidence=evidence)], change) == [Origin.AFFECTED]


def test_a_renamed_file_keeps_its_findings(find):
    before, after = image_of_text("old.c", "call\n"), image_of_text("new.c", "call\n")
    renamed = Change(
        patch=1, before=before, after=after, kept=LineMap((KeptRun(1, 1, 1),)), removed=()
    )

    assert origins([find(1, path="old.c")], [find(1, path="new.c")], renamed) == [Origin.EXISTING]


def test_a_file_that_the_patch_does_not_touch_keeps_its_findings(find):
    other = patch("x\n", "y\n", "b.c")

    assert origins([find(1)], [find(1), find(2)], other) == [Origin.EXISTING, Origin.AFFECTED]


def test_another_rule_on_the_line_before_does_not_count(find, make_rules, make_site, folder):
    (folder / "status" / "status-dropped.yml").unlink()
    (other,) = judge([make_site(1)], make_rules("status-other"))

    assert origins([other], [find(1)], patch("a\nb\n", "a\n")) == [Origin.AFFECTED]
