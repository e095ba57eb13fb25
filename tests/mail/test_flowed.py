from tdxreview.mail.flowed import unflow


def test_a_signature_mark_ends_no_flowed_line():
    assert unflow("a \nb\n-- \nme", delete_space=False) == "a b\n-- \nme"


def test_a_line_of_another_depth_is_not_joined():
    assert unflow("> a \n>> b\nc", delete_space=False) == "> a \n>> b\nc"


def test_a_diff_whose_context_is_not_all_stuffed_stays_as_it_is():
    diff = "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n   deep\n \tshallow\n+b \n"

    assert unflow(diff, delete_space=False) == diff


def test_the_stuffing_of_a_diff_goes_where_every_context_line_has_it():
    diff = "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n  a\n  \tb\n+  c\n"

    assert unflow(diff, delete_space=False) == diff.replace("\n  ", "\n ")
