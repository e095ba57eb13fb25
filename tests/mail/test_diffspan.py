import sys

from tdxreview.mail.diffspan import diffs_of_text, find_diff

HEAD = ["--- a/f", "+++ b/f", "@@ -1,9 +1,9 @@", " a", "+b"]


def end_of(lines):
    return find_diff(lines).end


def test_gits_signature_ends_a_hunk_that_lost_lines():
    assert end_of([*HEAD, "-- ", "2.39.5"]) == 5


def test_a_signature_mark_without_gits_version_is_a_removed_line_inside_a_hunk():
    assert end_of([*HEAD, "-- ", " c"]) == 7


def test_a_list_footer_ends_a_diff():
    whole = ["--- a/f", "+++ b/f", "@@ -1 +1 @@", "-a", "+b"]

    assert end_of([*whole, "_" * 47, "--- list", "+++ x"]) == 5


def test_the_next_file_ends_a_hunk_that_lost_lines():
    lines = [*HEAD, "diff --git a/s b/s", "old mode 100644", "new mode 100755", "", "Bye,", "me"]

    assert end_of(lines) == 8


def test_text_between_two_files_belongs_to_the_diff_and_text_below_does_not():
    file = ["--- a/f", "+++ b/f", "@@ -1 +1 @@", "-a", "+b"]

    assert end_of([*file, "And also:", *file, "", "Regards"]) == 11


def test_prose_about_diff_is_no_diff():
    assert find_diff(["diff -u shows it", "as I said", "Index: none", "@@ here @@"]) is None


def test_indented_and_quoted_diffs_are_none():
    lines = ["diff --git a/f b/f", *HEAD]

    assert find_diff([f"  {line}" for line in lines]) is None
    assert find_diff([f"> {line}" for line in lines]) is None


def test_blank_lines_below_a_diff_are_let_go_with_a_call_each():
    """A gzip of 3 KB may hold three million of them; calls are counted, not seconds."""
    diff = "\n".join(HEAD) + "\n"
    seen = 0

    def count(_frame, event, _argument):
        nonlocal seen
        seen += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        (found,) = diffs_of_text(f"{diff.replace('1,9', '1,2')}\n" + "\n" * 10_000)
    finally:
        sys.setprofile(None)
    assert (found.text, seen < 30_000) == (diff.replace("1,9", "1,2"), True)
