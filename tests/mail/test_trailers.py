import pytest

from tdxreview.mail.trailers import follow_up_trailers, read_trailers


@pytest.mark.parametrize(
    ("text", "trailers"),
    [
        ("Why.\n\nSigned-off-by: A <a@b.c>", [("Signed-off-by", "A <a@b.c>")]),
        ("Why.\n\n  Acked-by: A <a@b.c>", [("Acked-by", "A <a@b.c>")]),
        ("Why.\n\nReviewed-by: A\n<a@b.c>", [("Reviewed-by", "A <a@b.c>")]),
        ("Why.\n\nReviewed-by:\nA <a@b.c>", [("Reviewed-by", "A <a@b.c>")]),
        (
            'Why.\n\nFixes: 1234567890ab ("x86: a\nb")',
            [("Fixes", '1234567890ab ("x86: a b")')],
        ),
        ("Why.\n\nFixes: the bug", []),
        ("Why.\n\nFixes: 12345", []),
        ("Why.\n\nAcked-by: A <a@b.c> # x86", [("Acked-by", "A <a@b.c>")]),
        (
            "Why.\n\nSigned-off-by: A <a@b.c>\n[b: moved it]\nSigned-off-by: B <b@b.c>",
            [("Signed-off-by", "A <a@b.c>"), ("Signed-off-by", "B <b@b.c>")],
        ),
        ("Why.\n\nPhone: 12\nE-mail: a@b.c\nMail: x", []),
        ("Note: this\n\nCo-developed-by: A <a@b.c>\n\nLast.", [("Co-developed-by", "A <a@b.c>")]),
        ("Why.\n\nUpstream: yes", [("Upstream", "yes")]),
        ("Upstream: yes\n\nWhy.", []),
        ("", []),
    ],
)
def test_the_trailers_of_a_commit_message(text, trailers):
    assert list(read_trailers(text)) == trailers


@pytest.mark.parametrize(
    ("line", "trailers"),
    [
        ("Reviewed-by: A <a@b.c>", [("Reviewed-by", "A <a@b.c>")]),
        ("Reviewed-by: me", []),
        ("Link: https://x.org/1", [("Link", "https://x.org/1")]),
        ("Note: a@b.c", []),
    ],
)
def test_a_reply_offers_a_trailer_that_names_a_person_or_a_reference(line, trailers):
    assert list(follow_up_trailers(["Fine.", "", line])) == trailers
