"""Diffs as people send them, whole and damaged."""

from time import process_time

import pytest

from tdxreview.mail.diffspan import find_diff
from tdxreview.source.diff import DiffProblem, split_diff
from tdxreview.source.model import DiffLine, LineKind

GIT = """\
diff --git a/dir/f.c b/dir/f.c
index 1111111..2222222 100644
--- a/dir/f.c
+++ b/dir/f.c
"""
HUNK = "@@ -10,4 +10,5 @@ int f(void)\n {\n-\told();\n+\tnew();\n+\tnewer();\n \treturn 0;\n }\n"
OTHER = """\
diff --git a/g.c b/g.c
--- a/g.c
+++ b/g.c
@@ -1 +1,2 @@
 one
+two
"""


def shown(hunk):
    return [f"{line.kind}{line.text}" for line in hunk.lines]


def only_file(text):
    split = split_diff(text)
    assert split.problems == ()
    [file] = split.files
    return file


def paths(text):
    file = only_file(text)
    return file.old_path, file.new_path


def test_every_line_knows_its_numbers_and_its_line_in_the_diff():
    [hunk] = only_file(GIT + HUNK).hunks

    assert (hunk.old_start, hunk.new_start, hunk.section, hunk.diff_line) == (
        10,
        10,
        "int f(void)",
        4,
    )
    assert hunk.lines == (
        DiffLine(LineKind.CONTEXT, "{", 10, 10, 5),
        DiffLine(LineKind.REMOVED, "\told();", 11, None, 6),
        DiffLine(LineKind.ADDED, "\tnew();", None, 11, 7),
        DiffLine(LineKind.ADDED, "\tnewer();", None, 12, 8),
        DiffLine(LineKind.CONTEXT, "\treturn 0;", 12, 13, 9),
        DiffLine(LineKind.CONTEXT, "}", 13, 14, 10),
    )


def test_the_index_line_gives_the_blobs():
    assert only_file(GIT + HUNK).blobs == ("1111111", "2222222")


def test_text_before_between_and_after_files_is_no_part_of_them():
    text = "Message\n---\n f.c | 3 +-\n\n" + GIT + HUNK + "\nSome words\n\n" + OTHER
    split = split_diff(text + "-- \n2.39.2\n\n")

    assert split.problems == ()
    assert [file.path for file in split.files] == ["dir/f.c", "g.c"]
    assert [len(file.hunks[0].lines) for file in split.files] == [6, 2]


def test_the_signature_is_no_removed_line():
    assert shown(only_file(OTHER + "-- \n2.39.2\n").hunks[0]) == [" one", "+two"]


def test_the_signature_of_a_person_is_no_removed_line_either():
    assert shown(only_file(OTHER + "-- \nKai\n").hunks[0]) == [" one", "+two"]


def test_a_removed_line_with_two_dashes_is_no_file_name():
    text = "--- a/q.sql\n+++ b/q.sql\n@@ -1,3 +1,2 @@\n one\n--- gone\n+++ plus\n-two\n"
    hunk = only_file(text).hunks[0]

    assert shown(hunk) == [" one", "--- gone", "+++ plus", "-two"]


def test_a_hunk_that_promises_too_much_does_not_swallow_the_next_file():
    first = "--- a/f.c\n+++ b/f.c\n@@ -1,2 +1,3 @@\n one\n+two\n"
    split = split_diff(first + "--- a/g.c\n+++ b/g.c\n@@ -1 +1 @@\n-a\n+b\n")

    assert [shown(file.hunks[0]) for file in split.files] == [[" one", "+two"], ["-a", "+b"]]
    assert [(problem.path, problem.diff_line) for problem in split.problems] == [("f.c", 2)]


@pytest.mark.parametrize(
    ("clean", "damaged"),
    [
        ("\treturn 0;\n }", "\treturn 0;\n}"),
        (" {\n", "{\n"),
        (" \treturn 0;", "\treturn 0;"),
        (" {\n", "\xa0{\n"),
        ("+\tnew();", "+\tnew();\r"),
    ],
    ids=["last-line", "first-line", "before-a-tab", "no-break-space", "carriage-return"],
)
def test_a_context_line_that_lost_its_blank_is_mended(clean, damaged):
    assert clean in HUNK

    assert only_file(GIT + HUNK.replace(clean, damaged)).hunks == only_file(GIT + HUNK).hunks


def test_all_context_lines_may_have_lost_their_blank():
    damaged = HUNK.replace("\n ", "\n")

    assert only_file(GIT + damaged).hunks == only_file(GIT + HUNK).hunks


def test_an_empty_context_line_may_have_lost_its_blank():
    text = GIT + "@@ -1,3 +1,4 @@\n a\n\n+new\n b\n"

    assert shown(only_file(text).hunks[0]) == [" a", " ", "+new", " b"]


def test_carriage_returns_everywhere_change_nothing():
    assert split_diff((GIT + HUNK + OTHER).replace("\n", "\r\n")) == split_diff(GIT + HUNK + OTHER)


WRAPPED = GIT + (
    "@@ -1,2 +1,3 @@ static int a_function_with_a_long_name(struct tdx_module_args\n*args)\n"
    " one\n"
    '+\tpr_err("this line is longer than what the mail program wanted\n'
    'to send: %d", 1);\n'
    " two\n"
)


def test_wrapped_lines_are_joined_and_later_places_stay_true():
    [hunk] = only_file(WRAPPED).hunks

    assert hunk.section == "static int a_function_with_a_long_name(struct tdx_module_args *args)"
    assert shown(hunk) == [
        " one",
        '+\tpr_err("this line is longer than what the mail program wanted to send: %d", 1);',
        " two",
    ]
    assert [line.diff_line for line in hunk.lines] == [6, 7, 9]


def test_a_wrapped_last_line_is_joined():
    text = GIT + "@@ -1 +1,2 @@\n one\n+" + "long " * 15 + "\nend();\n\nRegards\n"

    assert shown(only_file(text).hunks[0])[1] == "+" + "long " * 15 + "end();"


def test_words_below_a_mended_hunk_are_not_joined_to_it():
    [hunk] = only_file(WRAPPED + "Thanks\n").hunks

    assert shown(hunk)[-1] == " two"


def test_wrapped_lines_and_lost_blanks_in_one_hunk_are_told_apart_by_length():
    [hunk] = only_file(WRAPPED.replace("\n two", "\ntwo")).hunks

    assert [line.text for line in hunk.lines][::2] == ["one", "two"]


def test_a_truncated_hunk_keeps_its_lines_and_costs_no_other_file():
    cut = "\n".join(HUNK.split("\n")[:4]) + "\n"
    split = split_diff(GIT + cut + OTHER)

    assert [shown(file.hunks[0]) for file in split.files] == [
        [" {", "-\told();", "+\tnew();"],
        [" one", "+two"],
    ]
    [problem] = split.problems
    assert (problem.path, problem.diff_line) == ("dir/f.c", 4)
    assert problem.reason == (
        "the hunk's header promises 4 old and 5 new lines, its text has 2 and 2"
    )


def test_a_hunk_longer_than_promised_is_kept_whole_and_said():
    split = split_diff(GIT + HUNK.replace("+10,5", "+10,4").replace("-10,4", "-10,3"))

    assert split.files[0].hunks == only_file(GIT + HUNK).hunks
    assert len(split.problems) == 1


def test_a_hunk_header_that_cannot_be_read_is_said():
    split = split_diff(GIT + "@@ -x,1 +1 @@\n+lost\n" + HUNK)

    assert [problem.reason for problem in split.problems] == ["the hunk's header cannot be read"]
    assert [shown(hunk) for hunk in split.files[0].hunks] == [shown(only_file(GIT + HUNK).hunks[0])]


def test_a_hunk_cut_short_by_a_reviewer_keeps_what_follows_without_place():
    text = GIT + "@@ -1,9 +1,30 @@\n a\n+b\n[...]\n+seamcall();\n+d\n"
    first, rest = split_diff(text).files[0].hunks

    assert (first.anchored, shown(first)) == (True, [" a", "+b"])
    assert (rest.anchored, shown(rest)) == (False, ["+seamcall();", "+d"])
    assert [line.new for line in rest.lines] == [9, 10]


def test_a_quoted_hunk_without_header_is_a_file_without_name():
    text = "\n+\tmov $1, %r12\n+\torq %r12, %rax\n\nI think this is weak.\n"
    file = only_file(text)

    assert (file.path, file.hunks[0].anchored) == ("", False)
    assert file.hunks[0].lines == (
        DiffLine(LineKind.ADDED, "\tmov $1, %r12", None, 2, 1),
        DiffLine(LineKind.ADDED, "\torq %r12, %rax", None, 3, 2),
    )


def test_prose_holds_no_quoted_hunk():
    assert split_diff("Hello\n\n  indented\n- item\n- item\n\nBye\n").files == ()


def test_a_hunk_without_a_file_name_keeps_its_numbers():
    file = only_file("> words\n" + HUNK)

    assert (file.path, file.hunks[0].lines[1].old) == ("", 11)


@pytest.mark.parametrize(
    ("header", "old", "new"),
    [
        ("diff --git a/f.c b/f.c\n--- a/f.c\n+++ b/f.c\n", "f.c", "f.c"),
        ("diff --git f.c f.c\n--- f.c\n+++ f.c\n", "f.c", "f.c"),
        ("diff --git i/f.c w/f.c\n--- i/f.c\n+++ w/f.c\n", "f.c", "f.c"),
        ("diff --git a/f.c b/f.c\nnew file mode 100644\n--- /dev/null\n+++ b/f.c\n", None, "f.c"),
        (
            "diff --git a/f.c b/f.c\ndeleted file mode 100644\n--- a/f.c\n+++ /dev/null\n",
            "f.c",
            None,
        ),
        (
            "--- linux.orig/d/f.c\t2023-06-01 00:00:00\n+++ linux/d/f.c\t2023-06-02 00:00:00\n",
            "d/f.c",
            "d/f.c",
        ),
        ("--- l.o/f.c\t1970-01-01 00:00:00.0 +0000\n+++ l/f.c\t2023-06-02 00:00:00\n", None, "f.c"),
        ("--- l.o/f.c\t2023-06-02 00:00:00\n+++ l/f.c\t1970-01-01 00:00:00.0 +0000\n", "f.c", None),
        (
            "--- f.c.orig\tMon Jan  1 00:00:00 2023\n+++ f.c\tMon Jan  1 00:00:00 2023\n",
            "f.c",
            "f.c",
        ),
        ("--- a/f.c    2023-06-01 00:00:00\n+++ b/f.c    2023-06-01 00:00:00\n", "f.c", "f.c"),
        ("Index: linux/f.c\n=====\n--- linux.orig/f.c\n+++ linux/f.c\n", "f.c", "f.c"),
        ("--- /dev/null\n+++ b/f.c\n", None, "f.c"),
        ('--- "a/d/f\\303\\251.c"\n+++ "b/d/f\\303\\251.c"\n', "d/fé.c", "d/fé.c"),
        ('diff --git "a/\\"x" "b/\\"x"\n', '"x', '"x'),
        ("diff --git a/a b.c b/a b.c\n--- a/a b.c\t\n+++ b/a b.c\t\n", "a b.c", "a b.c"),
    ],
)
def test_names_lose_prefix_stamp_and_quotes(header, old, new):
    assert paths(header + "@@ -1 +1 @@\n-a\n+b\n") == (old, new)


def test_a_rename_without_a_hunk_is_a_file():
    text = "diff --git a/x.c b/y.c\nsimilarity index 100%\nrename from x.c\nrename to y.c\n"
    file = only_file(text)

    assert (file.old_path, file.new_path, file.copied, file.hunks) == ("x.c", "y.c", False, ())


def test_a_copy_is_marked():
    text = "diff --git a/x.c b/y.c\nsimilarity index 100%\ncopy from x.c\ncopy to y.c\n"

    assert only_file(text).copied


def test_a_mode_change_is_a_file():
    text = "diff --git a/x.sh b/x.sh\nold mode 100644\nnew mode 100755\n"
    file = only_file(text)

    assert (file.path, file.mode_change) == ("x.sh", ("100644", "100755"))


def test_an_empty_new_file_is_a_file():
    text = "diff --git a/e b/e\nnew file mode 100644\nindex 0000000..e69de29\n"

    assert paths(text) == (None, "e")


@pytest.mark.parametrize(
    "body",
    ["Binary files a/x.bin and b/x.bin differ\n", "GIT binary patch\nliteral 3\nKc$@(MIRR\n\n"],
)
def test_a_binary_file_is_marked(body):
    assert only_file("diff --git a/x.bin b/x.bin\nindex 1111..2222\n" + body).binary


def test_a_combined_diff_is_said_and_costs_no_other_file():
    names = "diff --cc m.c\nindex 1111,2222..3333\n--- a/m.c\n+++ b/m.c\n"
    split = split_diff(names + "@@@ -1,1 -1,1 +1,2 @@@\n  a\n++b\n" + OTHER)

    assert [file.path for file in split.files] == ["g.c"]
    assert [(problem.path, problem.diff_line) for problem in split.problems] == [("m.c", 0)]


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd"])
def test_a_path_that_leads_out_of_the_tree_is_said(path):
    split = split_diff(f"--- {path}\n+++ {path}\n@@ -1 +1 @@\n-a\n+b\n")

    assert [(problem.path, problem.reason) for problem in split.problems] == [
        (path, "the path leads out of the tree")
    ]


def test_a_line_feed_alone_ends_a_line():
    [hunk] = only_file(GIT + "@@ -1 +1 @@\n-a\fb\n+a\x85c\u2028d\n").hunks

    assert shown(hunk) == ["-a\fb", "+a\x85c\u2028d"]


def test_no_newline_marks_are_no_lines():
    mark = "\\ No newline at end of file\n"
    [hunk] = only_file(GIT + f"@@ -1 +1 @@\n-a\n{mark}+b\n{mark}").hunks

    assert shown(hunk) == ["-a", "+b"]


@pytest.mark.parametrize(
    "text",
    [
        "@@ -1,99999 +1,99999 @@\n" * 20_000,
        GIT + "@@ -1,99999 +1,99999 @@\n" + "+a\nb\n" * 20_000,
        "--- a\n+++ b\n" * 20_000,
        "diff --git " + "a/" * 200_000,
        "diff --git a/x b/x\n" * 20_000,
        "Binary files " + "x and " * 50_000,
        "@@ -1 +1 @@" + " " * 500_000,
        "--- " + " " * 500_000 + "\n+++ b\n@@ -1 +1 @@\n-a\n+b\n",
        "\n" * 300_000,
    ],
    ids=[
        "headers",
        "unmarked",
        "names",
        "long-name",
        "files",
        "binary",
        "blanks",
        "stamp",
        "empty",
    ],
)
def test_hostile_text_is_read_in_time_that_grows_with_its_length(text):
    started = process_time()
    split_diff(text)

    assert process_time() - started < 3


NEW = "diff --git a/n.c b/n.c\nnew file mode 100644\n--- /dev/null\n+++ b/n.c\n"
NO_HEADER = "added lines stand below no hunk header"


def test_a_new_file_without_a_hunk_header_is_read_and_said():
    split = split_diff(OTHER + NEW + "+one();\n+two();\n")

    assert [file.path for file in split.files] == ["g.c", "n.c"]
    assert [shown(hunk) for hunk in split.files[1].hunks] == [["+one();", "+two();"]]
    assert [line.new for line in split.files[1].hunks[0].lines] == [1, 2]
    assert split.problems == (DiffProblem("n.c", NO_HEADER, 10),)


def test_added_lines_without_a_header_are_said_of_the_file_they_stand_below():
    old = "--- a/dir/f.c\n+++ b/dir/f.c\n+\tnew();\n"
    split = split_diff(OTHER + old + OTHER)

    assert [file.path for file in split.files] == ["g.c", "dir/f.c", "g.c"]
    assert split.problems == (DiffProblem("dir/f.c", NO_HEADER, 8),)


def test_added_lines_behind_the_end_of_a_hunk_are_said():
    split = split_diff(OTHER + "And more:\n+three\n")

    assert split.problems == (DiffProblem("g.c", NO_HEADER, 7),)


@pytest.mark.parametrize("header", ["@@ -0,0 +1,x @@", "@@-0,0 +1,2@@", "@@ -0,0 @@"])
def test_the_lines_below_a_header_that_cannot_be_read_are_not_lost(header):
    one = "--- a/one.c\n+++ b/one.c\n@@ -1,1 +1,2 @@\n a\n+b\n"
    two = f"diff --git a/two.c b/two.c\n--- /dev/null\n+++ b/two.c\n{header}\n+x;\n+y;\n"
    split = split_diff(find_text(one + two))

    assert [file.path for file in split.files] == ["one.c", "two.c"]
    assert [line.text for line in split.files[1].hunks[0].lines] == ["x;", "y;"]
    assert [(each.path, each.reason) for each in split.problems] == [
        ("two.c", "the hunk's header cannot be read")
    ]


def find_text(text):
    lines = text.split("\n")
    span = find_diff(lines)
    return "\n".join(lines[span.start : span.end]) + "\n"
