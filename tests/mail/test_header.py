from datetime import UTC, datetime

import pytest

from tdxreview.mail.charset import decode_words, text_of
from tdxreview.mail.date import parse_date
from tdxreview.mail.header import message_ids, own_id, parse_author, split_mail


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Wed, 7 Jun 2023 22:56:57 +0000", (2023, 6, 7, 22, 56, 57)),
        ("Thu, 8 Jun 2023 10:56:57 +1200 (NZST)", (2023, 6, 7, 22, 56, 57)),
        ("7 Jun 2023 22:56 GMT", (2023, 6, 7, 22, 56, 0)),
        ("Wed Jun  7 22:56:57 2023", (2023, 6, 7, 22, 56, 57)),
        ("Wed Jun  7 15:56:57 2023 -0700", (2023, 6, 7, 22, 56, 57)),
        ("Wed Jun 7 15:56:57 PDT 2023", (2023, 6, 7, 22, 56, 57)),
        ("7 Jun 23 22:56:57 +0000", (2023, 6, 7, 22, 56, 57)),
        ("7 Jun 99 22:56:57 +0000", (1999, 6, 7, 22, 56, 57)),
        ("Wed, 7 Jun 2023 22:56:60 +0000", (2023, 6, 7, 22, 56, 59)),
        ("Wed, 7 Jun 2023 22:56:57 -9900", (2023, 6, 7, 22, 56, 57)),
        ("Wed, 7 Jun 2023 22:56:57", (2023, 6, 7, 22, 56, 57)),
    ],
)
def test_a_date_is_given_in_utc(value, moment):
    assert parse_date(value) == datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "Wed, 7 Jun 207777777 22:56:57 +0000",
        "Wed, 31 Feb 2023 22:56:57 +0000",
        "Wed, 7 Foo 2023 22:56:57 +0000",
        "Wed, 7 Jun 2023 29:56:57 +0000",
        "Fri, 31 Dec 9999 23:59:59 -1200",
    ],
)
def test_a_date_that_cannot_be_is_none(value):
    assert parse_date(value) is None


@pytest.mark.parametrize(
    ("value", "author"),
    [
        ("A B <a@b.c>", "A B <a@b.c>"),
        ('"Huang, Kai" <k@x.y>', "Huang, Kai <k@x.y>"),
        ("a@b.c (A B)", "A B <a@b.c>"),
        ("a@b.c", "a@b.c"),
        ("Huang, Kai", "Huang, Kai"),
        ("", ""),
    ],
)
def test_an_author_has_a_name_and_an_address(value, author):
    assert str(parse_author(value)) == author


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@b>", ("a@b",)),
        ("<a@b>\n\t<c@d>", ("a@b", "c@d")),
        ("<a@b> (A's mail of Sunday)", ("a@b",)),
        ("Your message of Sunday", ()),
        ("<" + "x" * 300 + "@b>", ("x" * 300 + "@b",)),
    ],
)
def test_message_ids_stand_in_angle_brackets(value, ids):
    assert message_ids(value) == ids


def test_of_several_own_ids_the_first_counts():
    fields, _ = split_mail(b"Message-ID: <a@b>\nMessage-Id: <c@d>\n\n")

    assert own_id(fields) == "a@b"


def test_a_folded_field_is_one_line():
    fields, body = split_mail(b"Subject: a\n b\r\n\tc\r\n\r\nbody")

    assert fields.get("subject") == "a b c"
    assert body == b"body"


def test_a_line_that_is_no_field_begins_the_body():
    fields, body = split_mail(b"Subject: a\nno field\n\nrest")

    assert fields.items == (("Subject", "a"),)
    assert body == b"no field\n\nrest"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?J=C3=B6rg?=", "Jörg"),
        ("=?utf-8?Q?a_b?= =?utf-8?b?Yw==?= d", "a bc d"),
        ("=?x-unknown?q?J=F6rg?=", "Jörg"),
        ("=?utf-8*de?q?a?=", "a"),
        ("=?utf-8?b?W1BBVENIX?=", "[PATCH"),
        ("=?broken", "=?broken"),
    ],
)
def test_encoded_words_are_decoded(value, text):
    assert decode_words(value) == text


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        (b"J\xc3\xb6rg", "", "Jörg"),
        (b"J\xf6rg", "iso-8859-1", "Jörg"),
        (b"\x93J\xf6rg\x94", "", "“Jörg”"),
        (b"\x81J", "", "\x81J"),
        (b"J\xc3\xb6rg", "yes", "Jörg"),
        (b"4a", "hex", "4a"),
        (b"xn--a", "idna", "xn--a"),
        (b"a\\x41", "unicode_escape", "a\\x41"),
        (b"a\r\nb\0", "utf-8", "a\nb\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_text_is_read_whatever_the_charset_says(raw, charset, text):
    assert text_of(raw, charset) == text
