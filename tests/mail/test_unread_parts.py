"""A diff in a part of a mail that is not read is said."""

import base64

import pytest

from tdxreview.mail.intake import read_bytes

DIFF = "diff --git a/{0} b/{0}\n--- a/{0}\n+++ b/{0}\n@@ -1,2 +1,3 @@\n a\n+b\n c\n"
ONE, TWO = DIFF.format("one.c"), DIFF.format("two.c")


@pytest.fixture
def problems(make_mail):
    """Read a mail of parts, each a pair of header and text, and give what was not read."""

    def read(*parts, above="", below=""):
        sections = "".join(f"--b\n{head}\n\n{text}\n" for head, text in parts)
        kind = 'multipart/mixed; boundary="b"'
        mail = make_mail(body=f"{above}\n{sections}--b--\n{below}", Content_Type=kind)
        found = read_bytes(mail, "m.eml").problems
        return [problem.removeprefix("m.eml: ") for problem in found]

    return read


PLAIN = ("Content-Type: text/plain", ONE)


def page(text):
    return ("Content-Type: text/html", f"<pre>\n{text}</pre>")


def test_a_page_that_repeats_the_plain_text_needs_no_word(problems):
    assert problems(PLAIN, page(ONE)) == []


def test_another_diff_in_a_page_is_said(problems):
    assert problems(PLAIN, page(TWO)) == ["holds a diff in HTML only; it was not read"]


@pytest.mark.parametrize("place", ["above", "below"])
def test_a_diff_outside_of_the_parts_is_said(problems, place):
    said = ["holds a diff outside of its parts; it was not read"]

    assert problems(PLAIN, **{place: TWO}) == said
    assert problems(PLAIN, **{place: "This is a message in MIME format.\n"}) == []


def test_a_uuencoded_file_is_said(problems):
    text = "begin 644 two.patch\n#0V%T\n`\nend\n"
    said = ["holds the uuencoded file two.patch, which was not read"]

    assert problems(PLAIN, ("Content-Type: text/plain", text)) == said
    assert problems(PLAIN, ("Content-Type: text/plain", "begin with the cover\n")) == []


def test_an_encoding_that_is_not_known_is_said(problems):
    head = "Content-Type: text/x-patch\nContent-Transfer-Encoding: X-Odd"
    said = ["has a part in the encoding x-odd, which was not undone"]

    assert problems(PLAIN, (head, "?????")) == said
    assert problems(PLAIN, (head, TWO)) == []


def test_a_diff_in_two_bytes_a_letter_is_said(problems):
    wide = base64.encodebytes(TWO.encode("utf-16-le")).decode()
    head = "Content-Type: text/plain\nContent-Transfer-Encoding: base64"
    marked = head.replace("plain", "plain; charset=utf-16le")

    assert problems(PLAIN, (head, wide)) == ["holds a diff in UTF-16; it was not read"]
    assert problems(PLAIN, (marked, wide)) == []
