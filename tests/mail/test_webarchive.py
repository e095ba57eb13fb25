"""Text copied from web archives, in the layouts that INTEROP names; all of our own writing."""

from datetime import UTC, datetime

import pytest

from tdxreview.mail.intake import read_bytes
from tdxreview.series.build import build_series

HYPERMAIL = """\
Re: [PATCH v11 05/20] x86/virt/tdx: Add a
From: Doe, Jane
Date: Wed Jun 07 2023 - 18:56:57 EST
On 6/4/23 07:27, A B wrote:
> + /*
> + * Note.
> + */
> + mov $1, %rax

I would not.
"""
LORE_PAGE = """\
linux-kernel.vger.kernel.org archive mirror
 help / color / mirror / Atom feed
From: A B <a@b.c>
To: x86@kernel.org
Cc: kvm@vger.kernel.org,
\tlinux-kernel@vger.kernel.org
Subject: [PATCH v2 1/1] tdx: a
Date: Sun,  4 Jun 2023 14:27:00 +0000\t[thread overview]
Message-ID: <m@x> (raw)
In-Reply-To: <c@x>

Why.
---
diff --git a/f.c b/f.c
--- a/f.c
+++ b/f.c
@@ -1,2 +1,3 @@
a
+b
c

^ permalink raw reply\t[flat|nested] 3+ messages in thread
"""
LORE_THREAD = """\
* [PATCH 0/1] tdx: all
@ 2023-06-04 14:27 A B
  2023-06-04 14:27 ` [PATCH 1/1] tdx: a A B
  0 siblings, 1 reply; 2+ messages in thread
From: A B @ 2023-06-04 14:27 UTC (permalink / raw)
  To: x86; +Cc: kvm

Cover.

^ permalink raw reply\t[flat|nested] 2+ messages in thread
* [PATCH 1/1] tdx: a
  2023-06-04 14:27 [PATCH 0/1] tdx: all A B
@ 2023-06-04 14:28 ` A B
  0 siblings, 0 replies; 2+ messages in thread
From: A B @ 2023-06-04 14:28 UTC (permalink / raw)
  To: x86; +Cc: kvm

Why.
"""
OPENWALL = """\
[<prev] [next>] [thread-next>] [day] [month] [year] [list]

Message-ID: <m@x>
Date: Sun, 4 Jun 2023 14:27:00 +0000
From: A B <a@...r.kernel.org>
To: kvm@...r.kernel.org
Subject: Re: [PATCH] tdx: a

Fine.

Powered by blists - more mailing lists
"""
PIPERMAIL = """\
[tdx] [PATCH] tdx: a
A B a at b.c
Wed May 10 16:02:34 PDT 2023

Previous message: [tdx] hello
Next message: [tdx] bye
Messages sorted by: [ date ] [ thread ] [ subject ] [ author ]

Fine.

Previous message: [tdx] hello
More information about the tdx mailing list
"""
MAIL_ARCHIVE = """\
Re: [PATCH v2 1/5] tdx: a

2015-03-09 Thread Doe, Jane
Fine.

Next: nothing.
"""
MHONARC = """\
[PATCH v2 1/1] tdx: a

[Date Prev][Date Next][Thread Prev][Thread Next][Date Index][Thread Index]



Fine.

[Index of Archives]     [KVM ARM]
"""


@pytest.mark.parametrize(
    ("text", "subject", "author", "date", "body"),
    [
        (
            HYPERMAIL,
            "Re: [PATCH v11 05/20] x86/virt/tdx: Add a",
            "Doe, Jane",
            datetime(2023, 6, 7, 22, 56, 57, tzinfo=UTC),
            "\n".join(HYPERMAIL.split("\n")[3:-1]),
        ),
        (
            OPENWALL,
            "Re: [PATCH] tdx: a",
            "A B <a@...r.kernel.org>",
            datetime(2023, 6, 4, 14, 27, tzinfo=UTC),
            "Fine.",
        ),
        (
            PIPERMAIL,
            "[tdx] [PATCH] tdx: a",
            "A B <a@b.c>",
            datetime(2023, 5, 10, 23, 2, 34, tzinfo=UTC),
            "Fine.",
        ),
        (
            MAIL_ARCHIVE,
            "Re: [PATCH v2 1/5] tdx: a",
            "Doe, Jane",
            datetime(2015, 3, 9, tzinfo=UTC),
            "Fine.\n\nNext: nothing.",
        ),
        (MHONARC, "[PATCH v2 1/1] tdx: a", "", None, "Fine."),
    ],
    ids=["hypermail", "openwall", "pipermail", "mail-archive", "mhonarc"],
)
def test_an_archives_page_is_one_message(text, subject, author, date, body):
    intake = read_bytes(text.encode(), "x")

    assert intake.taken_for == "web-archive text, one message"
    (message,) = intake.messages
    assert (message.subject, str(message.author), message.date, message.body) == (
        (subject, author, date, body)
    )
    assert message.lossy


def test_a_lore_page_keeps_its_ids_and_its_patch():
    (message,) = read_bytes(LORE_PAGE.encode(), "x").messages
    ((patch,),) = (series.patches for series in build_series([message]))

    assert (message.message_id, message.in_reply_to) == ("m@x", "c@x")
    assert message.has_own_id
    assert message.date == datetime(2023, 6, 4, 14, 27, tzinfo=UTC)
    assert patch.diff.endswith("@@ -1,2 +1,3 @@\na\n+b\nc\n")
    assert patch.lossy


def test_a_page_whose_blank_lines_and_indents_were_lost_keeps_headers_and_body_apart():
    text = (
        LORE_PAGE.partition("feed\n")[2]
        .replace("\tlinux-kernel@", "linux-kernel@")
        .replace("\t[thread overview]", " [thread overview]")
        .replace("<c@x>\n\n", "<c@x>\n")
    )
    (message,) = read_bytes(text.encode(), "x").messages

    assert message.body.startswith("Why.\n---\n")
    assert (message.message_id, message.subject) == ("m@x", "[PATCH v2 1/1] tdx: a")


def test_openwall_may_write_tabs_fold_the_subject_and_lose_the_blank_line():
    text = OPENWALL.replace("tdx: a\n\n", "tdx: a\n b\n").replace("-ID", "-Id")
    text = text.replace("Date: ", "Date:\t").replace("From: ", "From:\t")
    (message,) = read_bytes(text.encode(), "x").messages

    assert (message.message_id, message.subject, message.body) == (
        ("m@x", "Re: [PATCH] tdx: a b", "Fine.")
    )


def test_a_patch_that_only_an_archive_without_re_quotes_is_found():
    text = PIPERMAIL.replace("Fine.", "A B wrote:\n> + mov $1, %rax;\n> + ret;")

    ((patch,),) = (each.patches for each in build_series(read_bytes(text.encode(), "x").messages))
    assert patch.diff == "+ mov $1, %rax;\n+ ret;\n"


def test_a_lore_thread_page_is_all_its_messages():
    intake = read_bytes(LORE_THREAD.encode(), "x")

    assert intake.taken_for == "web-archive text, 2 messages"
    assert [(message.subject, message.body) for message in intake.messages] == [
        ("[PATCH 0/1] tdx: all", "Cover."),
        ("[PATCH 1/1] tdx: a", "Why."),
    ]


def test_pages_pasted_one_below_the_other_are_told_apart():
    second = HYPERMAIL.replace("Doe, Jane", "B C").replace("18:56:57", "19:00:00")

    messages = read_bytes((HYPERMAIL + "\n" + second).encode(), "x").messages

    assert [message.author.name for message in messages] == ["Doe, Jane", "B C"]
    assert [message.origin for message in messages] == ["x:1", "x:12"]


def test_hypermail_may_leave_blank_lines_and_links_around_its_header():
    text = HYPERMAIL.replace("\n", "\n\n", 3).replace(
        "EST\n", 'EST\n\nNext message: B C: "Re: x"\nMessages sorted by: [ date ]\n'
    )
    (message,) = read_bytes((text + '\nNext in thread: B C: "y"\n').encode(), "x").messages

    assert message.body.startswith("On 6/4/23 07:27, A B wrote:\n")
    assert message.body.endswith("I would not.")


def test_a_word_like_a_link_in_a_long_mail_cuts_nothing():
    text = HYPERMAIL + "Reply: no.\n" + "More.\n" * 30
    (message,) = read_bytes(text.encode(), "x").messages

    assert message.body.count("More.") == 30


@pytest.mark.parametrize(
    ("day", "hour"),
    [("Mar 18 2026 - 03:13:22", 7), ("Jan 07 2023 - 18:56:57", 23), ("Jun 07 2023 - 18:56:57", 22)],
)
def test_est_is_the_east_coasts_time_with_summer_time(day, hour):
    text = HYPERMAIL.replace("Jun 07 2023 - 18:56:57", day)

    assert read_bytes(text.encode(), "x").messages[0].date.hour == hour


def test_a_reply_alone_gives_the_patch_that_it_quotes():
    (series,) = build_series(read_bytes(HYPERMAIL.encode(), "x").messages)
    (patch,) = series.patches

    assert (series.revision, series.total, patch.number) == (11, 20, 5)
    assert series.missing == tuple(n for n in range(1, 21) if n != 5)
    assert patch.diff == "+ /*\n+ * Note.\n+ */\n+ mov $1, %rax\n"
    assert (patch.quoted, patch.lossy, patch.diff_line) == (True, True, 2)
    assert patch.author.name == "A B"
    assert series.oddities == ("patch 5/20 is known only as far as x:1 quotes it",)


def test_quoted_hunks_without_the_space_of_their_context_are_found():
    hunk = "> @@ -31,3 +44,3 @@\n> #define A 1\n> -#define B 2\n> +#define B 3\n> #define C 4\n"
    text = HYPERMAIL.partition("> +")[0] + hunk + "\nWhy?\n"

    (series,) = build_series(read_bytes(text.encode(), "x").messages)
    assert series.patches[0].diff == hunk.replace("> ", "")


def test_a_quote_whose_marks_were_lost_is_told_by_its_attribution():
    (series,) = build_series(read_bytes(HYPERMAIL.replace("> ", "").encode(), "x").messages)

    assert series.patches[0].diff == "+ /*\n+ * Note.\n+ */\n+ mov $1, %rax\n"
